using Gossip.Membership;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>
/// Brings broadcasts to those whom rumours missed, as Plumtree's lazy push does (Leitão et al. 2007): nodes tell a few others now and then which ones they
/// keep, and who lacks some asks for them. It takes turns between members chosen by chance and the neighbours on the <see cref="Ring"/>, so that nobody is
/// left out for long. While nothing is kept nothing is sent.
/// </summary>
internal sealed class BroadcastRepair
{
    private const int RangeField = 1;
    private const int AsksField = 2;

    /// <summary>What follows the ranges of a digest at most: the question, and what its length takes beyond one byte.</summary>
    private const int DigestEnd = 4;

    /// <summary>So many rounds of digests a newcomer sends even though it keeps nothing: when it is let in it knows few of those whose broadcasts there are.</summary>
    private const int NewcomerRounds = 4;

    private readonly EngineContext _context;
    private readonly BroadcastWindow _window;
    private readonly BroadcastTiming _timing;
    private readonly WantedBroadcasts _wanted = new();
    private readonly BroadcastAnswers _answers;
    private readonly BroadcastQuestions _questions;
    private readonly Func<Member, bool> _isPeer = member => member.Slot != MemberTable.LocalSlot;
    private long _comparison;
    private long _interval;
    private long _nextRound = long.MaxValue;
    private int _newcomerRounds;
    private int _firstTold;
    private bool _neighbourAfter;
    private bool _stopped;

    public BroadcastRepair(EngineContext context, BroadcastWindow window, BroadcastTiming timing)
    {
        _context = context;
        _window = window;
        _timing = timing;
        _answers = new BroadcastAnswers(context, window);
        _questions = new BroadcastQuestions(context, _wanted, timing);
    }

    public long NextDeadline => Math.Min(_nextRound, _wanted.NextDeadline);

    /// <summary>Broadcasts that this node knows it lacks.</summary>
    public int Wanted => _wanted.Count;

    private bool IsOn => _window.IsOn && !_stopped && !_context.Options.IsClient;

    /// <summary>What others may lack changed: a broadcast came, or a member did.</summary>
    public void Hurry()
    {
        if (IsOn)
        {
            _interval = _timing.ShortestInterval.Ticks;
            _nextRound = Math.Min(_nextRound, _context.Now.Ticks + Spread(_interval));
        }
    }

    /// <summary>This node was let in by whoever listens at an endpoint: it asks for what the others have.</summary>
    public void OnJoined(in NodeEndpoint host)
    {
        if (IsOn)
        {
            _newcomerRounds = NewcomerRounds;
            Hurry();
            var writer = _context.Packets.BeginFrame();
            WriteDigest(ref writer, asks: true, comparison: 0);
            _context.Packets.Stream(ref writer, host);
        }
    }

    /// <summary>A stream broke, or could not be opened.</summary>
    public void OnLost(in NodeEndpoint endpoint) => _wanted.OnLost(endpoint, _context.Now.Ticks);

    /// <summary>A broadcast came; says how it had been asked for, if it had.</summary>
    public WantedBroadcast? OnArrived(NodeInstance origin, ulong sequence) => _wanted.Remove(origin, sequence, _context.Now.Ticks);

    public void Stop()
    {
        _stopped = true;
        _nextRound = long.MaxValue;
        _wanted.Clear();
    }

    public void OnTick()
    {
        var now = _context.Now.Ticks;
        if (now >= _wanted.NextDeadline)
        {
            _questions.Ask();
        }

        if (now >= _nextRound)
        {
            TellSome();
        }
    }

    /// <summary>Somebody says what it has: this node wants what it lacks, and says in turn what it has, if it was asked.</summary>
    public void OnDigest(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        if (!IsOn || sender is null)
        {
            return;
        }

        _window.Expire(_context.Now.Ticks);
        _comparison++;
        var asks = false;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case AsksField:
                    reader.Read(ref asks);
                    break;
                case RangeField when reader.Type == WireType.Bytes && BroadcastRange.TryRead(reader.Bytes, out var range):
                    NoteMissing(range, sender, isFresh: false);
                    if (_window.TryFind(range.Origin, out var origin))
                    {
                        origin.Compared = (_comparison, origin.IsMoreThan(range));
                    }

                    break;
            }
        }

        if (asks && !reader.Malformed && LacksSome())
        {
            Answer(source, sender);
        }
    }

    /// <summary>A rumour says that somebody has a broadcast that is too large for rumours.</summary>
    public void OnOffer(ReadOnlySpan<byte> body, Member? sender)
    {
        if (IsOn && sender is not null && BroadcastRange.TryRead(body, out var range))
        {
            NoteMissing(range, sender, isFresh: true);
        }
    }

    public void OnWant(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        if (IsOn && sender is not null)
        {
            _window.Expire(_context.Now.Ticks);
            _answers.OnWant(body, source, sender);
        }
    }

    private void NoteMissing(in BroadcastRange range, Member holder, bool isFresh)
    {
        if (!Broadcasts.IsLifeKnown(_context, range.Origin))
        {
            return; // it comes to be known, and the next digest tells again
        }

        for (var i = 0; i < range.Width; i++)
        {
            if (BroadcastRange.Has(range.Held, i) && _window.IsMissing(range.Origin, range.First + (ulong)i))
            {
                _wanted.Note(range.Origin, range.First + (ulong)i, holder.Id, BroadcastRange.Has(range.Large, i), isFresh, _context.Now.Ticks);
            }
        }
    }

    private void TellSome()
    {
        var now = _context.Now.Ticks;
        _window.Expire(now);
        if (_window.Count == 0 && _newcomerRounds == 0)
        {
            _nextRound = long.MaxValue;
            return;
        }

        _newcomerRounds = Math.Max(0, _newcomerRounds - 1);
        _nextRound = now + Spread(_interval);
        _interval = Math.Min(_interval * 2, _timing.LongestInterval.Ticks);
        var (before, after) = Ring.Neighbours(_context.Table);
        _neighbourAfter = !_neighbourAfter;
        var neighbour = _neighbourAfter ? after : before;
        Tell(neighbour, mayDial: true);
        var other = _context.PickPresent(_isPeer);
        Tell(other == neighbour ? null : other, mayDial: false);
    }

    /// <summary>
    /// Says what is kept, by a datagram if all of it fits. If not, neighbours get it over a stream, and others a part: streams to ever
    /// other members would soon lead to all of them.
    /// </summary>
    private void Tell(Member? member, bool mayDial)
    {
        if (member is null)
        {
            return;
        }

        var writer = _context.Packets.BeginDatagram();
        if (WriteDigest(ref writer, asks: true, comparison: 0) || !mayDial)
        {
            _context.Packets.ToMember(ref writer, member);
            return;
        }

        var frame = _context.Packets.BeginFrame();
        WriteDigest(ref frame, asks: true, comparison: 0);
        _context.Packets.Stream(ref frame, member.Endpoint);
    }

    private bool LacksSome()
    {
        foreach (var origin in _window.Holding)
        {
            if (Lacks(origin, _comparison))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the other side of a comparison lacks something of an origin; it did not name those of which it has nothing.</summary>
    private static bool Lacks(BroadcastOrigin origin, long comparison) => origin.Compared.Number != comparison || origin.Compared.Lacks;

    private void Answer(in PacketSource source, Member sender)
    {
        if (!_answers.TryAfford(_context.Options.MaxDatagramSize))
        {
            return;
        }

        var writer = source.IsStream ? _context.Packets.BeginFrame() : _context.Packets.BeginDatagram();
        if (WriteDigest(ref writer, asks: false, _comparison) || source.IsStream)
        {
            _context.Packets.Reply(ref writer, source, sender);
            return;
        }

        var frame = _context.Packets.BeginFrame();
        WriteDigest(ref frame, asks: false, _comparison);
        _context.Packets.Stream(ref frame, sender.Endpoint);
    }

    /// <summary>
    /// Writes what is kept, in turns where there is no room for all. Only a complete digest asks: from what is left out
    /// of it nobody can tell what this node lacks.
    /// </summary>
    /// <param name="writer">The packet.</param>
    /// <param name="asks">Whether the reader is to say what this node lacks.</param>
    /// <param name="comparison">Leaves out what the other side of that comparison has; zero leaves out nothing.</param>
    /// <returns>Whether all had room.</returns>
    private bool WriteDigest(ref WireWriter writer, bool asks, long comparison)
    {
        Span<byte> held = stackalloc byte[BroadcastRange.MaxBitmap];
        Span<byte> large = stackalloc byte[BroadcastRange.MaxBitmap];
        var origins = _window.Holding;
        var mark = writer.Begin((int)MessageKind.BroadcastDigest);
        for (var i = 0; i < origins.Count; i++)
        {
            var origin = origins[(_firstTold + i) % origins.Count];
            if (comparison != 0 && !Lacks(origin, comparison))
            {
                continue;
            }

            var before = writer.Position;
            BroadcastRange.Write(ref writer, RangeField, origin.ToRange(held, large));
            if (writer.Overflowed || writer.Remaining < DigestEnd)
            {
                writer.Rollback(before);
                writer.End(mark);
                _firstTold = (_firstTold + i) % origins.Count;
                return false;
            }
        }

        writer.Flag(AsksField, asks);
        writer.End(mark);
        return true;
    }

    /// <summary>Between half of a period and one and a half, so that nodes that heard the same do not speak at once.</summary>
    private long Spread(long period) => (period / 2) + _context.Random.NextTicks(period);
}

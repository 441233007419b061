using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>
/// Compares whole views, so that what rumours missed arrives all the same (Demers et al. 1987). A digest goes out; who
/// differs answers with versions for the buckets that differ; then each side sends the other what is newer. It runs at a
/// join, when a gap shows, and now and then with a random member; equal views cost one datagram.
/// </summary>
internal sealed class AntiEntropy(EngineContext context)
{
    private const int BucketCountField = 1;
    private const int BucketMaskField = 2;
    private const int EntryField = 3;
    private const int BitsPerByte = 8;

    /// <summary>Comparisons that gaps ask for are not started more often than this many gossip intervals.</summary>
    public const int GapSpacing = 4;

    /// <summary>
    /// More rumours than so many rounds can carry once show that there is more news than rumours can spread: each of n members then hears
    /// fanout · packet / statement items a round, most of them twice, and comparing views, which doubles what two know, is faster.
    /// </summary>
    public const int BacklogRounds = 4;

    /// <summary>What a statement about a member takes in a packet, to estimate how many a round carries.</summary>
    private const int StatementBytes = 48;

    private readonly SyncWriter _writer = new(context);
    private readonly Func<Member, bool> _isPeer = member => member.Slot != MemberTable.LocalSlot;
    private readonly List<Member> _toSend = [];
    private long _nextPeriodic = long.MaxValue;
    private long _nextForGap = long.MinValue / 2;
    private NodeEndpoint _gapPeer;
    private byte? _gapVersion;

    public long NextDeadline => _gapPeer.IsNone ? _nextPeriodic : Math.Min(_nextPeriodic, _nextForGap);

    /// <summary>Counts comparisons that found a difference.</summary>
    public long Differences { get; private set; }

    public void Start() => _nextPeriodic = context.Now.Ticks + context.Random.NextTicks(context.Timing.SyncInterval.Ticks);

    public void Stop()
    {
        _nextPeriodic = long.MaxValue;
        _gapPeer = default;
    }

    public void OnTick()
    {
        var now = context.Now.Ticks;
        if (IsBacklogged)
        {
            _nextPeriodic = Math.Min(_nextPeriodic, now + Spread(context.Timing.GossipInterval.Ticks * GapSpacing));
        }

        if (!_gapPeer.IsNone && now >= _nextForGap)
        {
            _nextForGap = now + (context.Timing.GossipInterval.Ticks * GapSpacing);
            Compare(_gapPeer, _gapVersion);
            _gapPeer = default;
        }

        if (now >= _nextPeriodic)
        {
            _nextPeriodic = now + Spread(context.Timing.SyncInterval.Ticks);
            if (context.PickPresent(_isPeer) is { } peer)
            {
                var writer = context.Packets.BeginDatagram();
                _writer.WriteDigest(ref writer, ViewDigest.BucketsFor(context.Table.Count));
                context.Packets.ToMember(ref writer, peer);
            }
        }
    }

    /// <summary>Something showed that this node missed news: compare with <paramref name="peer"/> soon.</summary>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="version">The version that the peer wrote, when nothing else is known of it.</param>
    public void OnGap(in NodeEndpoint peer, byte? version = null) => (_gapPeer, _gapVersion) = (peer, version);

    /// <summary>Compares views over a stream, which does not lose the question.</summary>
    public void Compare(in NodeEndpoint peer, byte? version = null)
    {
        var writer = context.Packets.BeginFrameIn(version);
        _writer.WriteDigest(ref writer, ViewDigest.MaxBuckets);
        context.Packets.Stream(ref writer, peer);
    }

    /// <summary>Adds the question for whatever differs to a packet.</summary>
    public void WriteDigest(ref WireWriter writer) => _writer.WriteDigest(ref writer, ViewDigest.BucketsFor(context.Table.Count));

    public void OnDigest(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        ReadOnlySpan<byte> hashes = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field == SyncWriter.HashesField)
            {
                reader.Read(ref hashes);
            }
        }

        Span<ulong> theirs = stackalloc ulong[ViewDigest.MaxBuckets];
        if (reader.Malformed || !ViewDigest.TryRead(hashes, theirs, out var count))
        {
            return;
        }

        Span<ulong> ours = stackalloc ulong[count];
        ViewDigest.Compute(context.Table, context.Timing, context.Now.Ticks, ours);
        Span<bool> differing = stackalloc bool[count];
        var any = false;
        for (var i = 0; i < count; i++)
        {
            differing[i] = ours[i] != theirs[i];
            any |= differing[i];
        }

        if (any)
        {
            Differences++;
            SendVersions(differing, source, sender);
        }
    }

    public void OnVersions(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        ulong buckets = 0;
        ReadOnlySpan<byte> mask = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case BucketCountField:
                    reader.Read(ref buckets);
                    break;
                case BucketMaskField:
                    reader.Read(ref mask);
                    break;
            }
        }

        if (reader.Malformed || buckets is 0 or > ViewDigest.MaxBuckets || mask.Length != MaskSize((int)buckets))
        {
            return;
        }

        var known = CompareEntries(body, source, sender);
        if (known is null || context.Options.IsClient)
        {
            return; // a client has nothing to tell
        }

        _toSend.Clear();
        foreach (var member in context.Table.All)
        {
            var bucket = ViewDigest.BucketOf(member.Id, (int)buckets);
            if ((mask[bucket / BitsPerByte] & (1 << (bucket % BitsPerByte))) != 0
                && ViewDigest.IsCovered(member, context.Timing, context.Now.Ticks)
                && IsNewer(member, known))
            {
                _toSend.Add(member);
            }
        }

        _writer.SendContents(_toSend, member => known.TryGetValue(member.Id, out var theirs) && theirs.Subject == member.Instance ? theirs.Facts : default, source, sender);
    }

    public void OnWant(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        _toSend.Clear();
        var since = new Dictionary<NodeId, FactsPosition>();
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field == EntryField && reader.Type == WireType.Bytes
                && SyncEntry.TryRead(reader.Bytes, out var want)
                && context.Table.TryFind(want.Subject.Id, out var member)
                && since.TryAdd(member.Id, want.Subject == member.Instance ? want.Facts : default))
            {
                // Only who lags behind the reader's floor is changed by this: it could not serve the rest of a snapshot otherwise.
                member.Facts.RaiseFloor(since[member.Id].Floor);
                _toSend.Add(member);
            }
        }

        _writer.SendContents(_toSend, member => since[member.Id], source, sender);
    }

    /// <summary>Asks whoever told of newer facts for all that is missing of them.</summary>
    public void WantFacts(Member member, in PacketSource source, Member? sender)
    {
        if (context.Now.Ticks < member.FactsWantedUntil)
        {
            return;
        }

        member.FactsWantedUntil = context.Now.Ticks + (context.Timing.GossipInterval.Ticks * GapSpacing);
        var writer = context.Packets.BeginDatagram();
        var mark = writer.Begin((int)MessageKind.SyncWant);
        SyncEntry.Of(member).Write(ref writer, EntryField);
        writer.End(mark);
        _writer.Answer(ref writer, source, sender);
    }

    private bool IsBacklogged =>
        context.Rumours.System.Count * StatementBytes > context.Options.MaxDatagramSize * context.Timing.GossipFanout * BacklogRounds;

    /// <summary>Between half of a period and one and a half, so that nodes that started together spread out.</summary>
    private long Spread(long period) => (period / 2) + context.Random.NextTicks(period);

    private static int MaskSize(int buckets) => (buckets + BitsPerByte - 1) / BitsPerByte;

    private static bool IsNewer(Member member, Dictionary<NodeId, SyncEntry> known)
    {
        if (!known.TryGetValue(member.Id, out var theirs))
        {
            return true;
        }

        var ours = SyncEntry.Of(member);
        return ours.StateOutranks(theirs) || ours.FactsOutrank(theirs);
    }

    /// <summary>Sends the versions of all members in the buckets that differ, in as many frames as that takes.</summary>
    private void SendVersions(ReadOnlySpan<bool> differing, in PacketSource source, Member? sender)
    {
        Span<byte> mask = stackalloc byte[MaskSize(differing.Length)];
        var bucket = 0;
        while (bucket < differing.Length)
        {
            var writer = context.Packets.BeginFrame();
            var mark = writer.Begin((int)MessageKind.SyncVersions);
            mask.Clear();
            for (; bucket < differing.Length; bucket++)
            {
                if (!differing[bucket])
                {
                    continue;
                }

                var start = writer.Position;
                WriteBucket(ref writer, bucket, differing.Length);
                if (writer.Overflowed || writer.Remaining < SyncWriter.StatementReserve)
                {
                    writer.Rollback(start);
                    if (mask.IndexOfAnyExcept((byte)0) >= 0)
                    {
                        break; // the next frame has room for it
                    }

                    // One bucket alone is larger than a frame, because a small table asked: compare with finer buckets.
                    Ask(source, sender);
                    return;
                }

                mask[bucket / BitsPerByte] |= (byte)(1 << (bucket % BitsPerByte));
            }

            writer.Number(BucketCountField, (ulong)differing.Length);
            writer.Bytes(BucketMaskField, mask);
            writer.End(mark);
            _writer.Answer(ref writer, source, sender);
        }
    }

    private void WriteBucket(ref WireWriter writer, int bucket, int buckets)
    {
        foreach (var member in context.Table.All)
        {
            if (ViewDigest.BucketOf(member.Id, buckets) == bucket && ViewDigest.IsCovered(member, context.Timing, context.Now.Ticks))
            {
                SyncEntry.Of(member).Write(ref writer, EntryField);
            }
        }
    }

    /// <summary>Sends the finest digest, so that the other side answers with what differs.</summary>
    private void Ask(in PacketSource source, Member? sender)
    {
        var writer = context.Packets.BeginFrame();
        _writer.WriteDigest(ref writer, ViewDigest.MaxBuckets);
        _writer.Answer(ref writer, source, sender);
    }

    /// <summary>Reads the other side's versions and asks for what is newer there; null when they are malformed.</summary>
    private Dictionary<NodeId, SyncEntry>? CompareEntries(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        var known = new Dictionary<NodeId, SyncEntry>();
        var writer = context.Packets.BeginFrame();
        var mark = writer.Begin((int)MessageKind.SyncWant);
        var wanted = 0;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field != EntryField)
            {
                continue;
            }

            if (reader.Type != WireType.Bytes || !SyncEntry.TryRead(reader.Bytes, out var theirs))
            {
                return null;
            }

            known[theirs.Subject.Id] = theirs;
            var ours = context.Table.TryFind(theirs.Subject.Id, out var member)
                ? SyncEntry.Of(member)
                : new SyncEntry { Subject = theirs.Subject };
            if (member is null || theirs.StateOutranks(ours) || theirs.FactsOutrank(ours))
            {
                var start = writer.Position;
                ours.Write(ref writer, EntryField);
                if (writer.Overflowed || writer.Remaining < SyncWriter.StatementReserve)
                {
                    // What was asked for arrives first; another comparison asks for the rest.
                    writer.Rollback(start);
                    OnGap(sender?.Endpoint ?? source.Endpoint);
                    break;
                }

                wanted++;
            }
        }

        if (wanted > 0)
        {
            writer.End(mark);
            _writer.Answer(ref writer, source, sender);
        }

        return known;
    }
}

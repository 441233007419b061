using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>
/// Spreads rumours: in the room that other packets leave, and in rounds of their own while there are any. System rumours and
/// users' broadcasts have separate queues and a share of each packet, so neither starves the other.
/// </summary>
internal sealed class Disseminator
{
    /// <summary>The part of a packet's room that is users' while both queues have rumours.</summary>
    private const double UserShare = 0.4;

    /// <summary>Fresh rumours start a round at once, but not more often than this part of the gossip interval.</summary>
    private const int EagerFraction = 16;

    /// <summary>
    /// So many rounds follow a fresh rumour that closely. Each informed node then pushes it to r · fanout others at once, which leaves
    /// e^-(r · fanout) of all without it until the next regular round: 5 % for one, 0.25 % for two. The limit of its transmissions stays.
    /// </summary>
    private const int EagerRounds = 2;

    private readonly EngineContext _context;
    private readonly RumourQueue _system;
    private readonly RumourQueue _user;
    private readonly RumourWriter<WireWriter> _tryWrite;
    private readonly Func<Member, bool> _isNewReceiver;
    private readonly List<int> _receivers = [];
    private int _receiver;
    private int _ceiling;
    private int _eagerRounds;
    private bool _usersFirst;
    private bool _ringIsDue; // for a broadcast that was not sent yet
    private long _nextRound = long.MaxValue;
    private long _lastRound = long.MinValue / 2;

    public Disseminator(EngineContext context)
    {
        _context = context;
        _system = new RumourQueue(context.Options.MaxSystemRumours, int.MaxValue);
        _user = new RumourQueue(context.Options.MaxUserRumours, context.Options.MaxUserRumourBytes);
        _tryWrite = TryWrite;
        _isNewReceiver = member => member.Slot != MemberTable.LocalSlot && !_receivers.Contains(member.Slot);
    }

    public long NextDeadline => _nextRound;

    public RumourQueue System => _system;

    public RumourQueue User => _user;

    /// <summary>Tells everybody a member's state.</summary>
    public void TellMember(Member member) => Tell(new RumourKey(RumourKind.Member, member.Slot, default, 0));

    /// <summary>Tells everybody that <paramref name="accuser"/> suspects a member.</summary>
    public void TellAccusation(Member member, NodeId accuser) => Tell(new RumourKey(RumourKind.Accusation, member.Slot, accuser, 0));

    /// <summary>Tells everybody what changed in a member's tags and metadata after the stamp <paramref name="since"/>.</summary>
    public void TellFacts(Member member, FactsPosition since) => Tell(new RumourKey(RumourKind.Facts, member.Slot, default, 0), since);

    /// <summary>Whether a user's broadcast can be taken now without pushing out another.</summary>
    public bool HasRoomFor(int payloadBytes) => _user.HasRoom(payloadBytes);

    public void TellBroadcast(NodeId origin, ulong sequence, byte[] payload)
    {
        _user.Add(new RumourKey(RumourKind.Broadcast, MemberTable.LocalSlot, origin, sequence), payload: payload);
        _ringIsDue = true;
        Hurry();
    }

    /// <summary>Tells everybody that a broadcast is here which is too large for rumours.</summary>
    public void TellOffer(NodeId origin, ulong sequence, byte[] offer)
    {
        _user.Add(new RumourKey(RumourKind.Offer, MemberTable.LocalSlot, origin, sequence), payload: offer);
        _ringIsDue = true;
        Hurry();
    }

    /// <summary>Forgets what was to be told about a slot that is about to be reused.</summary>
    public void Forget(Member member)
    {
        _system.Remove(new RumourKey(RumourKind.Member, member.Slot, default, 0));
        _system.Remove(new RumourKey(RumourKind.Facts, member.Slot, default, 0));
    }

    /// <summary>Adds rumours to a packet for a member until it is full.</summary>
    public void Piggyback(ref WireWriter writer, int receiver)
    {
        if (_system.Count == 0 && _user.Count == 0)
        {
            return;
        }

        _receiver = receiver;
        var limit = _context.Timing.RetransmitLimit(_context.Table.PresentCount);
        var capacity = writer.Position + writer.Remaining;
        _usersFirst = !_usersFirst;
        if (_usersFirst)
        {
            // Every other packet: a broadcast may need all of it.
            _ceiling = capacity;
            _user.Fill(ref writer, limit, _tryWrite);
        }

        _ceiling = _user.Count == 0 || _usersFirst ? capacity : capacity - (int)(writer.Remaining * UserShare);
        _system.Fill(ref writer, limit, _tryWrite);
        _ceiling = capacity;
        if (!_usersFirst)
        {
            _user.Fill(ref writer, limit, _tryWrite);
        }
    }

    public void OnTick()
    {
        if (_context.Now.Ticks < _nextRound)
        {
            return;
        }

        SendRound();
        _lastRound = _context.Now.Ticks;
        _eagerRounds = Math.Max(0, _eagerRounds - 1);
        var interval = _eagerRounds > 0 ? EagerInterval : _context.Timing.GossipInterval.Ticks;
        _nextRound = _system.Count + _user.Count > 0 ? _lastRound + interval : long.MaxValue;
    }

    private long EagerInterval => _context.Timing.GossipInterval.Ticks / EagerFraction;

    /// <summary>A client passes nothing on: it knows nothing that its contact does not.</summary>
    private void Tell(RumourKey key, FactsPosition since = default)
    {
        if (!_context.Options.IsClient)
        {
            _system.Add(key, since);
            Hurry();
        }
    }

    private void Hurry()
    {
        _eagerRounds = EagerRounds;
        var earliest = Math.Max(_context.Now.Ticks, _lastRound + EagerInterval);
        _nextRound = Math.Min(_nextRound, earliest);
    }

    private void SendRound()
    {
        _receivers.Clear();
        if (_ringIsDue)
        {
            _ringIsDue = false;
            var (before, after) = Ring.Neighbours(_context.Table);
            SendTo(before);
            SendTo(after == before ? null : after);
        }

        for (var i = 0; i < _context.Timing.GossipFanout && _system.Count + _user.Count > 0 && SendTo(_context.PickPresent(_isNewReceiver)); i++)
        {
        }
    }

    /// <summary>Sends as many rumours as fit a packet. False when there is nobody to send them to.</summary>
    private bool SendTo(Member? receiver)
    {
        if (receiver is null)
        {
            return false;
        }

        _receivers.Add(receiver.Slot);
        var writer = _context.Packets.BeginDatagram();
        Piggyback(ref writer, receiver.Slot);
        if (writer.Position > PacketHeader.Size)
        {
            _context.Packets.SendTo(ref writer, receiver);
        }

        return true;
    }

    private RumourFate TryWrite(ref WireWriter writer, Rumour rumour)
    {
        var start = writer.Position;
        var fate = Write(ref writer, rumour);
        if (fate == RumourFate.Written && (writer.Overflowed || writer.Position > _ceiling))
        {
            writer.Rollback(start);
            return RumourFate.DoesNotFit;
        }

        return fate;
    }

    private RumourFate Write(ref WireWriter writer, Rumour rumour)
    {
        if (rumour.Key.Kind is RumourKind.Broadcast or RumourKind.Offer)
        {
            writer.Bytes((int)(rumour.Key.Kind == RumourKind.Offer ? MessageKind.BroadcastOffer : MessageKind.Broadcast), rumour.Payload);
            return RumourFate.Written;
        }

        var member = _context.Table[rumour.Key.Slot];
        if (member is null)
        {
            return RumourFate.Obsolete;
        }

        switch (rumour.Key.Kind)
        {
            case RumourKind.Member:
                // A living member knows about itself; a dead one must hear it, to refute.
                if (_receiver == rumour.Key.Slot && !member.IsGone)
                {
                    return Withhold(member);
                }

                member.WriteStatement(ref writer, _context.Now.Ticks);
                return RumourFate.Written;
            case RumourKind.Accusation:
                // The slot may have passed to another member, and an accuser may have spoken before a refutation: only who accuses now is named.
                if (member.Suspicion?.Accusers.Contains(rumour.Key.Accuser) != true)
                {
                    return RumourFate.Obsolete;
                }

                WriteAccusation(ref writer, member, rumour.Key.Accuser);
                return RumourFate.Written;
            default:
                return _receiver == member.Slot ? Withhold(member) : WriteFacts(ref writer, member, rumour.Since);
        }
    }

    /// <summary>What is not for this receiver stays for others; with nobody else there it would stay for ever.</summary>
    private RumourFate Withhold(Member receiver)
    {
        var others = _context.Table.PresentCount - (_context.Self.IsPresent ? 1 : 0) - (receiver.IsPresent ? 1 : 0);
        return others > 0 ? RumourFate.Withheld : RumourFate.Obsolete;
    }

    /// <summary>Writes one accuser's suspicion of a member.</summary>
    public void WriteAccusation(ref WireWriter writer, Member member, NodeId accuser)
    {
        var statement = member.ToStatement(_context.Now.Ticks, history: false);
        statement.State = MemberState.Suspect;
        statement.Accuser = accuser;
        statement.Write(ref writer);
    }

    private static RumourFate WriteFacts(ref WireWriter writer, Member member, FactsPosition since)
    {
        // Part of a change is of no use to a receiver, who cannot complete it later from rumours. Only a packet of its own that
        // is still too small takes an advert, which says that there is something to fetch.
        var start = writer.Position;
        var written = FactsMessage.Write(ref writer, member, ref since);
        if (written == FactsWritten.Rest || (written == FactsWritten.Advert && start == PacketHeader.Size))
        {
            return RumourFate.Written;
        }

        writer.Rollback(start);
        return start > PacketHeader.Size ? RumourFate.DoesNotFit : WriteAdvert(ref writer, member);
    }

    private static RumourFate WriteAdvert(ref WireWriter writer, Member member)
    {
        var nothingMissing = member.Facts.Position;
        FactsMessage.Write(ref writer, member, ref nothingMissing);
        return RumourFate.Written;
    }
}

using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>
/// Takes packets apart: looks who speaks and whether he may, and hands each message to the part of the engine that it is for. No
/// bytes make it throw.
/// </summary>
internal sealed class PacketHandler(
    EngineContext context,
    MembershipRules rules,
    FailureDetector detector,
    AntiEntropy antiEntropy,
    FactsExchange facts,
    JoinProtocol join,
    LeaveProtocol leave,
    Broadcasts broadcasts,
    BroadcastRepair repair,
    ClientContact contact)
{
    private int _comparisons;

    /// <summary>Packets that were dropped because they could not be read, or were of another cluster or version.</summary>
    public long Refused { get; private set; }

    public void Refuse() => Refused++;

    public void Handle(in PacketSource source, ReadOnlySpan<byte> packet)
    {
        if (!PacketHeader.TryRead(packet, out var header) || header.Kind != PacketKind.Control || header.KeyId != 0)
        {
            Refused++;
            return;
        }

        var body = packet[PacketHeader.Size..];
        if (header.ClusterHash != context.Options.ClusterHash || !context.Options.Versions.Contains(header.Version) || header.Sender.Id == context.Self.Id)
        {
            // A stranger, or this node itself: it may be told why it cannot join, and no more.
            Refused++;
            HandleJoinOnly(header, source, body);
            return;
        }

        context.Heard = header.Version;
        context.Table.TryFind(header.Sender.Id, out var sender);
        if (sender is not null && sender.Instance.Generation != header.Sender.Generation)
        {
            if (sender.Instance.Generation > header.Sender.Generation)
            {
                AnswerPastLife(header, source, sender, body);
                return;
            }

            sender = null;
        }

        if (sender is null && !source.IsStream)
        {
            antiEntropy.OnGap(source.Endpoint, header.Version);
        }

        _comparisons = 0;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Type == WireType.Bytes && !IsRepeatedComparison((MessageKind)reader.Field))
            {
                Dispatch((MessageKind)reader.Field, reader.Bytes, header, source, sender);
            }
        }

        if (reader.Malformed)
        {
            Refused++;
        }
    }

    private void HandleJoinOnly(in PacketHeader header, in PacketSource source, ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        while (source.IsStream && reader.Next())
        {
            switch ((MessageKind)reader.Field)
            {
                case MessageKind.JoinRequest when reader.Type == WireType.Bytes:
                    join.OnRequest(reader.Bytes, header, source);
                    break;
                case MessageKind.JoinReply when reader.Type == WireType.Bytes:
                    OnJoinReply(reader.Bytes, header);
                    break;
            }
        }
    }

    /// <summary>
    /// A packet needs at most one comparison of each kind. Each costs a walk through the table and an answer of its size, so a packet full
    /// of them would be a lever.
    /// </summary>
    private bool IsRepeatedComparison(MessageKind kind)
    {
        if (kind is not (MessageKind.SyncDigest or MessageKind.SyncVersions or MessageKind.SyncWant
            or MessageKind.BroadcastDigest or MessageKind.BroadcastWant))
        {
            return false;
        }

        var bit = 1 << (int)kind;
        var repeated = (_comparisons & bit) != 0;
        _comparisons |= bit;
        return repeated;
    }

    /// <summary>A life that is over according to this node: it learns so when it asks.</summary>
    private void AnswerPastLife(in PacketHeader header, in PacketSource source, Member sender, ReadOnlySpan<byte> body)
    {
        HandleJoinOnly(header, source, body);
        if (!source.IsStream)
        {
            var writer = context.Packets.BeginDatagram();
            sender.ToStatement(context.Now.Ticks, history: false).Write(ref writer);
            context.Packets.Reply(ref writer, source, null);
        }
    }

    private void Dispatch(MessageKind kind, ReadOnlySpan<byte> body, in PacketHeader header, in PacketSource source, Member? sender)
    {
        switch (kind)
        {
            case MessageKind.Ping when ProbeMessage.TryRead(body, out var ping):
                OnPing(ping, source, sender);
                break;
            case MessageKind.Ack when ProbeMessage.TryRead(body, out var ack):
                if (!leave.OnAck(ack) && !contact.OnAck(ack, header.Sender.Id))
                {
                    detector.OnAck(ack, header.Sender.Id);
                }

                break;
            case MessageKind.PingRequest when ProbeMessage.TryRead(body, out var request):
                detector.Relay.OnRequest(request, sender, source);
                break;
            case MessageKind.Nack when ProbeMessage.TryRead(body, out var nack):
                detector.OnNack(nack, header.Sender.Id);
                break;
            case MessageKind.Member when context.Table.SaysTheSame(body):
                break; // most are known: each statement reaches a node many times
            case MessageKind.Member when MemberStatement.TryRead(body, out var statement):
                OnStatement(statement, header.Sender.Id, source);
                break;
            case MessageKind.Facts:
                facts.OnFacts(body, source, sender);
                break;
            case MessageKind.Broadcast:
                broadcasts.OnBroadcast(body);
                break;
            case MessageKind.JoinRequest:
                join.OnRequest(body, header, source);
                break;
            case MessageKind.JoinReply when source.IsStream:
                OnJoinReply(body, header);
                break;
            case MessageKind.SyncDigest:
                antiEntropy.OnDigest(body, source, sender);
                break;
            case MessageKind.SyncVersions:
                antiEntropy.OnVersions(body, source, sender);
                break;
            case MessageKind.SyncWant:
                antiEntropy.OnWant(body, source, sender);
                break;
            case MessageKind.BroadcastDigest:
                repair.OnDigest(body, source, sender);
                break;
            case MessageKind.BroadcastOffer:
                repair.OnOffer(body, sender);
                break;
            case MessageKind.BroadcastWant:
                repair.OnWant(body, source, sender);
                break;
            case MessageKind.BroadcastCopy:
                broadcasts.OnCopy(body);
                break;
            default:
                break; // a kind of a newer version
        }
    }

    private void OnStatement(in MemberStatement statement, NodeId speaker, in PacketSource source)
    {
        if (rules.IsKnown(statement, out var known))
        {
            facts.OnVersionHeard(known, statement.FactsVersion);
            known.Encode(context.Now.Ticks); // the next time it is known by its bytes
            return;
        }

        rules.Apply(statement, speaker);
        if (rules.IsDisproved(statement, out var accused))
        {
            var writer = context.Packets.BeginDatagram();
            accused.ToStatement(context.Now.Ticks, history: false).Write(ref writer);
            context.Packets.Reply(ref writer, source, null); // nothing rides along: most likely it would be this very statement
        }

        if (statement.FactsVersion != 0 && context.Table.TryFind(statement.Subject.Id, out var member) && member.Instance == statement.Subject)
        {
            facts.OnVersionHeard(member, statement.FactsVersion);
        }
    }

    private void OnPing(in ProbeMessage ping, in PacketSource source, Member? sender)
    {
        var self = context.Self;
        if (ping.Target.Id != self.Id)
        {
            return; // meant for another node that had this address
        }

        var writer = context.Packets.BeginDatagram();
        if (ping.Target == self.Instance)
        {
            new ProbeMessage { Sequence = ping.Sequence }.Write(ref writer, MessageKind.Ack);
        }
        else
        {
            // Meant for an earlier life: no answer in its place, but the news that it is over.
            self.ToStatement(context.Now.Ticks, history: false).Write(ref writer);
        }

        var answered = writer.Position;
        if (sender is { IsGone: true })
        {
            sender.ToStatement(context.Now.Ticks, history: false).Write(ref writer);
        }
        else if (sender is { Suspicion: { } suspicion })
        {
            context.Rumours.WriteAccusation(ref writer, sender, suspicion.Accusers[0]);
        }

        if (writer.Overflowed)
        {
            writer.Rollback(answered); // two statements with long web addresses: it is told with the next answer
        }

        context.Packets.Reply(ref writer, source, sender);
    }

    private void OnJoinReply(ReadOnlySpan<byte> body, in PacketHeader header)
    {
        if (join.OnReply(body, header) && context.BecomeAlive())
        {
            context.BeginNewcomer();
        }
    }
}

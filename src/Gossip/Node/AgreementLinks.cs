using Gossip.Agreement;
using Gossip.Messaging;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>A message of the agreement, and the life of the node that asked what it asks or answers.</summary>
internal sealed record AgreementMessage(ulong Life, object Body);

/// <summary>Puts messages of the agreement on the wire and reads them. Safe for use by several threads.</summary>
internal sealed class AgreementLinks(ITransport transport, PumpLinks speakers, NodeIdentity identity, NodeInstance self, ViewFeed views, IRegisterFormat states)
{
    private readonly AgreementFormat _messages = new(new ValueFormat(states));
    private readonly ProposalFormat _proposals = new(new ValueFormat(states));

    /// <summary>Reads a packet; null when it is not for this life of the node, or no message.</summary>
    public AgreementMessage? Read(ReadOnlySpan<byte> packet, NodeId from)
    {
        if (!AgreementPacket.TryRead(packet, out var kind, out var life, out var body))
        {
            return null;
        }

        return kind switch
        {
            MessageKind.AcceptorRequest when _messages.TryRead(body, out AcceptorRequest request) => new AgreementMessage(life, request),
            MessageKind.AcceptorReply when life == self.Generation && _messages.TryRead(body, out AcceptorReply reply) => new AgreementMessage(life, reply),
            MessageKind.Proposal when ProposalFormat.TryRead(body, out Proposal proposal) && proposal.Change.Id.Session.Id == from => new AgreementMessage(life, proposal),
            MessageKind.ProposalAnswer when _proposals.TryRead(body, out ProposalAnswer answer) && answer.Id.Session == self => new AgreementMessage(life, answer),
            MessageKind.Turn when TurnFormat.TryRead(body, out var turn) => new AgreementMessage(life, turn),
            _ => null,
        };
    }

    public bool Send(NodeId to, AcceptorRequest request) => Send(to, MessageKind.AcceptorRequest, self.Generation, AgreementFormat.Encode(request));

    public bool Send(NodeInstance to, AcceptorReply reply) => SendTo(to, MessageKind.AcceptorReply, AgreementFormat.Encode(reply));

    public bool Send(NodeId to, Proposal proposal) => Send(to, MessageKind.Proposal, self.Generation, ProposalFormat.Encode(proposal));

    public bool Send(ProposalAnswer answer) => SendTo(answer.Id.Session, MessageKind.ProposalAnswer, ProposalFormat.Encode(answer));

    public bool Send(NodeId to, TurnMessage message) => Send(to, MessageKind.Turn, message.Turn.Owner.Generation, TurnFormat.Encode(message));

    /// <summary>Lets what was sent to a node go, in one write and on this thread. Nothing that is sent goes before.</summary>
    public void Flush(NodeId to)
    {
        if (views.Current.Find(to) is { } member)
        {
            transport.Flush(member.Endpoint);
        }
    }

    /// <summary>The member at an endpoint.</summary>
    public NodeId? Find(in NodeEndpoint endpoint)
    {
        foreach (var member in views.Current.Members)
        {
            if (!member.IsLocal && member.Endpoint == endpoint)
            {
                return member.Id;
            }
        }

        return null;
    }

    /// <summary>False when it certainly does not arrive. What is lost otherwise is asked for again.</summary>
    private bool Send(NodeId to, MessageKind kind, ulong life, byte[] body)
    {
        if (body.Length > MessageLimits.MaxPayloadSize || views.Current.Find(to) is not { } member)
        {
            return false; // a transport takes no larger frame, and says so by throwing
        }

        return transport.TryHoldFrame(member.Endpoint, AgreementPacket.Write(Header, kind, life, body));
    }

    /// <summary>Answers a life of a node; a client, which is in no view, is answered on its own connection.</summary>
    private bool SendTo(NodeInstance to, MessageKind kind, byte[] body) =>
        body.Length <= MessageLimits.MaxPayloadSize
        && (views.Current.Find(to.Id) is not null
            ? Send(to.Id, kind, to.Generation, body)
            : speakers.TrySend(to, AgreementPacket.Write(Header, kind, to.Generation, body)));

    private PacketHeader Header => new(identity.Version, PacketKind.Agreement, 0, identity.ClusterHash, identity.Instance);
}

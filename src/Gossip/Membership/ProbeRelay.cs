using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// Probes on behalf of others (SWIM §3.1: ping-req). When the target does not answer in time the requester gets a nack
/// (Lifeguard §IV-A), which tells it that at least the way to this helper works.
/// </summary>
internal sealed class ProbeRelay(EngineContext context, Func<ulong> nextSequence)
{
    /// <summary>More requests than this at once are ignored: their senders take the silence as bad health of their own, rightly so for a flood.</summary>
    private const int MaxPending = 256;

    /// <summary>
    /// The nack must reach the requester before it gives up: the helper gets somewhat more than half of the time, for one round trip to the
    /// target, and what is left is for the one to the requester, which is as long on slow links.
    /// </summary>
    private const double NackFraction = 0.6;

    private readonly List<Pending> _pending = [];

    public long NextDeadline
    {
        get
        {
            var next = long.MaxValue;
            foreach (var pending in _pending)
            {
                next = Math.Min(next, pending.Deadline);
            }

            return next;
        }
    }

    public void OnRequest(in ProbeMessage request, Member? requester, in PacketSource source)
    {
        if (_pending.Count >= MaxPending || request.Endpoint.IsNone || request.Target.Id == context.Self.Id)
        {
            return;
        }

        var sequence = nextSequence();
        var deadline = context.Now.Ticks + (long)(context.Timing.IndirectTimeout.Ticks * NackFraction);
        _pending.Add(new Pending(sequence, request.Target.Id, request.Sequence, requester, source, deadline));
        var writer = context.Packets.BeginDatagram();
        new ProbeMessage { Sequence = sequence, Target = request.Target }.Write(ref writer, MessageKind.Ping);
        var path = (request.Traits & MemberTraits.StreamOnly) != MemberTraits.None ? TransmitPath.Stream : TransmitPath.Datagram;
        context.Packets.Send(ref writer, path, request.Endpoint);
    }

    /// <summary>Passes an answer of the target on. False when it answers no relayed probe.</summary>
    public bool OnAck(ulong sequence, NodeId sender)
    {
        for (var i = 0; i < _pending.Count; i++)
        {
            if (_pending[i].Sequence == sequence && _pending[i].Target == sender)
            {
                Answer(_pending[i], MessageKind.Ack);
                _pending.RemoveAt(i);
                return true;
            }
        }

        return false;
    }

    public void OnTick()
    {
        for (var i = _pending.Count - 1; i >= 0; i--)
        {
            if (_pending[i].Deadline <= context.Now.Ticks)
            {
                Answer(_pending[i], MessageKind.Nack);
                _pending.RemoveAt(i);
            }
        }
    }

    private void Answer(in Pending pending, MessageKind kind)
    {
        var writer = context.Packets.BeginDatagram();
        new ProbeMessage { Sequence = pending.RequesterSequence }.Write(ref writer, kind);
        context.Packets.Reply(ref writer, pending.Source, pending.Requester);
    }

    private readonly record struct Pending(ulong Sequence, NodeId Target, ulong RequesterSequence, Member? Requester, PacketSource Source, long Deadline);
}

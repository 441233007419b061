using System.Diagnostics.CodeAnalysis;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>
/// Takes arriving packets: checks whom they are for and from, sorts out what was seen before, and hands the rest to the
/// dispatcher. It runs on the threads of the readers, so it never blocks and nothing in a packet makes it throw.
/// </summary>
internal sealed class MessageReceiver(
    IMessagingHost host,
    MessageTypeRegistry types,
    HandlerTable handlers,
    DeliveryWindows windows,
    HandlerDispatcher dispatcher,
    HandlerDispatcher engineDispatcher,
    HandlerInvocation invocation,
    PendingDeliveries pending,
    PartStore parts,
    MessagingCounters counters)
{
    private volatile bool _stopping;

    /// <summary>From now on new messages are refused; answers to own ones are still taken.</summary>
    public void BeginStop() => _stopping = true;

    public void OnPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection)
    {
        if (header.Kind != PacketKind.Data || header.ClusterHash != host.ClusterHash || packet.Length < PacketHeader.Size)
        {
            counters.CountDropped();
            return;
        }

        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (reader.Type == WireType.Bytes && !TryTake((MessageKind)reader.Field, header.Sender, reader.Bytes, connection))
            {
                counters.CountDropped();
                host.Logger.Malformed((MessageKind)reader.Field, header.Sender);
            }
        }
    }

    /// <summary>A broadcast that the engine gossiped arrived.</summary>
    public void OnBroadcast(NodeInstance origin, ReadOnlySpan<byte> source)
    {
        if (!Envelope.TryRead(source, out var envelope) || envelope.Mode != MessageMode.BestEffort || !envelope.Address.Target.Id.IsNone)
        {
            counters.CountDropped();
            host.Logger.Malformed(MessageKind.Broadcast, origin);
            return;
        }

        Accept(origin, envelope, DeliveryLane.Broadcast, connection: null);
    }

    private bool TryTake(MessageKind kind, NodeInstance sender, ReadOnlySpan<byte> source, ITransportConnection? connection)
    {
        switch (kind)
        {
            case MessageKind.Envelope:
                if (!Envelope.TryRead(source, out var envelope))
                {
                    return false;
                }

                OnEnvelope(sender, envelope, connection);
                return true;

            case MessageKind.Receipt or MessageKind.Reply:
                if (!AnswerFields.TryRead(source, out var fields))
                {
                    return false;
                }

                if (fields.Address.Target == host.Self)
                {
                    pending.OnAnswer(sender, kind, fields, parts);
                }

                return true;

            case MessageKind.Cancel:
                if (!DeliveryAddress.TryRead(source, out var address))
                {
                    return false;
                }

                if (address.Target == host.Self)
                {
                    invocation.OnCancel(sender, address.Sequence);
                }

                return true;

            default:
                return true; // a later version's
        }
    }

    private void OnEnvelope(NodeInstance sender, in Envelope envelope, ITransportConnection? connection)
    {
        var lane = envelope.Mode switch
        {
            MessageMode.Reliable => DeliveryLane.Reliable,
            MessageMode.Request => DeliveryLane.Request,
            _ => connection is null ? DeliveryLane.Datagram : DeliveryLane.Frame,
        };
        if (envelope.Address.Target != host.Self)
        {
            Refuse(sender, lane, envelope.Address.Sequence, Refusal.Generation, connection);
        }
        else
        {
            Accept(sender, envelope, lane, connection);
        }
    }

    private void Accept(NodeInstance sender, in Envelope envelope, DeliveryLane lane, ITransportConnection? connection)
    {
        // A sender that this node does not know yet will send again, and a stranger must not fill the windows; a client is known to nobody, and has a connection.
        if (sender.Id == host.Self.Id || IsOver(sender, lane) || (connection is null && host.View.Find(sender.Id) is null))
        {
            counters.CountDropped();
            return;
        }

        var sequence = envelope.Address.Sequence;
        var admission = windows.Admit(sender, lane, sequence, out var outcome, out var error, out var order);
        var isDispatched = admission == Admission.New && TryDispatch(sender, envelope, lane, connection, order);
        if (order is not null && admission != Admission.New)
        {
            dispatcher.Raise(order, envelope.Address.Oldest);
        }
        else if (order is not null && !isDispatched)
        {
            dispatcher.Arrive(order, sequence, envelope.Address.Oldest);
        }

        switch (admission)
        {
            case Admission.New:
                break;
            case Admission.Finished when lane == DeliveryLane.Reliable:
                counters.CountDuplicate();
                invocation.Send(sender, lane, sequence, new Answer(outcome, error), connection);
                break;
            case Admission.TooOld when lane == DeliveryLane.Reliable:
                Refuse(sender, lane, sequence, Refusal.TooOld, connection);
                break;
            case Admission.TooOld:
                counters.CountDropped();
                break;
            default:
                // Running, or a request whose reply was sent: replies are not kept.
                counters.CountDuplicate();
                break;
        }
    }

    /// <summary>What a broadcast says is for all, and may arrive after its sender has gone; anything else is from one life to another.</summary>
    private bool IsOver(NodeInstance sender, DeliveryLane lane) =>
        lane != DeliveryLane.Broadcast && PendingDeliveries.IsGone(host.View, sender);

    /// <summary>Hands a message on; false when it is concluded, and reaches no handler.</summary>
    private bool TryDispatch(NodeInstance sender, in Envelope envelope, DeliveryLane lane, ITransportConnection? connection, ArrivalOrder? order)
    {
        var sequence = envelope.Address.Sequence;
        var verb = lane == DeliveryLane.Request ? MessageVerb.Request : MessageVerb.Message;
        var handler = handlers.Find(envelope.Type, verb);
        Answer? obstacle = _stopping ? Answer.Refused(Refusal.Stopping)
            : PayloadCodec.Check(envelope.Codec, envelope.Compression) is { } reason ? Answer.Refused(reason)
            : handler is null ? Answer.NoHandler(envelope.Type)
            : null;
        if (obstacle is { } answer)
        {
            parts.Drop(sender, envelope.Parts);
            Conclude(sender, lane, sequence, answer, connection);
            return false;
        }

        // What nodes ask each other for themselves does not wait for users' handlers.
        var places = verb == MessageVerb.Request && envelope.Type < MessageTypeNumber.FirstLibrary ? engineDispatcher : dispatcher;
        if (!TryCopyPayload(sender, envelope, places, out var payload, out var refusal))
        {
            Conclude(sender, lane, sequence, Answer.Refused(refusal), connection);
            return false;
        }

        var context = new MessageContext(types)
        {
            Sender = sender,
            Type = envelope.Type,
            Verb = verb,
            Id = sequence,
            Created = envelope.Created,
            Delivery = lane is DeliveryLane.Reliable or DeliveryLane.Request ? Delivery.Reliable : Delivery.BestEffort,
            Headers = envelope.ReadHeaders(),
            Payload = new MessagePayload((PayloadKind)envelope.Codec, payload),
        };
        var cancellation = lane == DeliveryLane.Request ? invocation.OpenRequest(sender, sequence, envelope.Timeout) : null;
        var message = new InboundMessage(handler!, context, lane, envelope.Timeout, host.TimeProvider.GetTimestamp(), connection, cancellation)
        {
            Order = order,
            Oldest = envelope.Address.Oldest,
        };
        if (places.TryEnqueue(message))
        {
            counters.CountReceived();
            return true;
        }

        if (!message.IsAnswered)
        {
            counters.CountDropped();
        }

        invocation.Finish(message, Answer.Refused(Refusal.Overloaded));
        return false;
    }

    /// <summary>The payload, with what of it came before; not copied when there is no room for it.</summary>
    private bool TryCopyPayload(
        NodeInstance sender, in Envelope envelope, HandlerDispatcher places, [NotNullWhen(true)] out byte[]? payload, [NotNullWhen(false)] out string? refusal)
    {
        payload = null;
        refusal = null;
        var size = parts.SizeOf(envelope.Parts, envelope.Payload.Length);
        if (!envelope.Parts.IsEmpty && size > parts.MaxMessage)
        {
            refusal = Refusal.TooLarge;
        }
        else if (!places.HasRoom(size))
        {
            refusal = Refusal.Overloaded;
        }
        else if (envelope.Parts.IsEmpty)
        {
            payload = envelope.Payload.ToArray();
        }
        else if (!parts.TryTake(sender, envelope.Parts, envelope.Payload, out payload))
        {
            refusal = Refusal.Parts;
        }

        if (refusal is null)
        {
            return payload is not null;
        }

        parts.Drop(sender, envelope.Parts);
        return false;
    }

    /// <summary>Remembers and sends the answer to a message that reaches no handler.</summary>
    private void Conclude(NodeInstance sender, DeliveryLane lane, ulong sequence, in Answer answer, ITransportConnection? connection)
    {
        if (lane is DeliveryLane.Reliable or DeliveryLane.Request)
        {
            windows.Finish(sender, lane, sequence, answer.Outcome, answer.Error);
            invocation.Send(sender, lane, sequence, answer, connection);
        }
        else
        {
            counters.CountDropped();
        }
    }

    private void Refuse(NodeInstance sender, DeliveryLane lane, ulong sequence, string reason, ITransportConnection? connection)
    {
        if (lane is DeliveryLane.Reliable or DeliveryLane.Request)
        {
            invocation.Send(sender, lane, sequence, Answer.Refused(reason), connection);
        }
        else
        {
            counters.CountDropped();
        }
    }
}

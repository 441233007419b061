using Gossip.Messaging;
using Gossip.Streaming;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip;

/// <content>What arrives. It runs on the threads of the readers, so it never blocks, and nothing in a packet makes it throw.</content>
public sealed partial class GossipStreams
{
    /// <summary>Room for a refusal, whose reason is one of <see cref="Refusal"/>.</summary>
    private const int MaxRefusal = 256;

    private PacketHeader Header => _host.Header() with { Kind = PacketKind.Stream };

    /// <summary>A packet of kind <see cref="PacketKind.Stream"/> arrived, whole and opened.</summary>
    internal void OnPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection connection)
    {
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (reader.Type == WireType.Bytes && !TryTake((MessageKind)reader.Field, header.Sender, reader.Bytes, connection))
            {
                Counters.Dropped.Add();
                _host.Logger.MalformedStreamFrame((MessageKind)reader.Field, header.Sender);
            }
        }
    }

    /// <summary>A packet of kind <see cref="PacketKind.Stream"/> did not reach the network.</summary>
    internal void OnUndeliverable(ReadOnlySpan<byte> packet) => _opener.OnUndeliverable(packet);

    /// <summary>A connection that had no room has some.</summary>
    internal void OnRoom(ITransportConnection connection)
    {
        if (_links.TryGetValue(connection.Id, out var link))
        {
            link.OnRoom();
        }
    }

    /// <summary>A connection ended, and nothing more comes of it.</summary>
    internal void OnDisconnected(ITransportConnection connection)
    {
        if (_links.TryRemove(connection.Id, out var link))
        {
            link.FailAll(Ending.ConnectionLost, tell: false);
        }
    }

    /// <summary>The host's view changed: streams with lives that are over end, and all of them when this node's own life is.</summary>
    internal void OnViewChanged(ClusterView view)
    {
        _opener.OnViewChanged(view);
        var hasLeft = view.Local.State is MemberState.Left or MemberState.Dead;
        foreach (var link in _links.Values)
        {
            // Word that a member left may overtake the last bytes that it sent; it ends by itself what has not ended.
            var isGone = PendingDeliveries.IsGone(view, link.Peer) && view.Find(link.Peer.Id)?.State != MemberState.Left;
            if (isGone || hasLeft || view.Local.Instance != link.Self)
            {
                link.FailAll(Ending.MemberGone, tell: true);
            }
        }
    }

    private bool TryTake(MessageKind kind, NodeInstance sender, ReadOnlySpan<byte> source, ITransportConnection connection)
    {
        switch (kind)
        {
            case MessageKind.StreamOpen:
                if (!StreamOpen.TryRead(source, out var open))
                {
                    return false;
                }

                OnOpen(sender, open, connection);
                return true;

            case MessageKind.StreamAnswer:
                if (!StreamAnswer.TryRead(source, out var answer))
                {
                    return false;
                }

                OnAnswer(sender, answer, connection);
                return true;

            case MessageKind.StreamData or MessageKind.StreamCredit or MessageKind.StreamEnd or MessageKind.StreamStop or MessageKind.StreamReset:
                if (!StreamFrame.TryRead(source, out var frame))
                {
                    return false;
                }

                if (!_links.TryGetValue(connection.Id, out var link) || link.Peer != sender || !link.TryTake(kind, frame))
                {
                    Counters.Dropped.Add(); // most often of a stream that was over here when it was written
                }

                return true;

            default:
                return true; // a later version's
        }
    }

    private void OnOpen(NodeInstance sender, in StreamOpen open, ITransportConnection connection)
    {
        var address = open.Address;
        if (sender.Id == _host.Self.Id || PendingDeliveries.IsGone(_host.View, sender))
        {
            Counters.Dropped.Add();
            return;
        }

        if (Obstacle(open, out var handler) is { } obstacle)
        {
            Refuse(sender, address.Sequence, obstacle, connection);
            return;
        }

        var key = new StreamKey(address.Sequence, IsOwn: false);
        var link = LinkOf(connection, sender);
        if (link.Has(key))
        {
            Counters.Dropped.Add(); // it came twice
            return;
        }

        if (!_quota.TryTake(sender.Id))
        {
            Refuse(sender, address.Sequence, (StreamVerdict.Refused, Refusal.Overloaded), connection);
            return;
        }

        var terms = new StreamTerms(open.Type, open.ReadHeaders(), (StreamCompression)open.Compression, _inputPipe, _outputPipe);
        var place = new StreamPlace(_quota, sender.Id, holders: 2);
        var stream = new GossipStream(link, key, new StreamState(open.Window, _options.Window, owesAnswer: true), terms, place);
        Counters.Accepted.Add();
        link.Add(stream);
        _pulse.Start();
        _ = Task.Run(() => RunAsync(stream, handler!));
    }

    /// <summary>Null, or why a stream is not taken.</summary>
    private (StreamVerdict Verdict, string? Reason)? Obstacle(in StreamOpen open, out Func<GossipStream, CancellationToken, Task>? handler)
    {
        handler = null;
        if (open.Address.Target != _host.Self)
        {
            return (StreamVerdict.Refused, Refusal.Generation);
        }

        if (_stopping)
        {
            return (StreamVerdict.Refused, Refusal.Stopping);
        }

        if (!_handlers.TryGetValue(open.Type, out handler))
        {
            return (StreamVerdict.NoHandler, null);
        }

        return ((StreamCompression)open.Compression).IsKnown() ? null : (StreamVerdict.Refused, Refusal.Compression);
    }

    private void Refuse(NodeInstance sender, ulong number, (StreamVerdict Verdict, string? Reason) obstacle, ITransportConnection connection)
    {
        Counters.Refused.Add();
        Span<byte> packet = stackalloc byte[MaxRefusal];
        var size = StreamPacket.WriteAnswer(packet, Header, new DeliveryAddress(sender, number), obstacle.Verdict, reason: obstacle.Reason);
        _ = connection.TrySend(packet[..size]); // a peer that leaves no room for it waits in vain, by its own doing
    }

    private void OnAnswer(NodeInstance sender, in StreamAnswer answer, ITransportConnection connection)
    {
        if (answer.Address.Target != _host.Self)
        {
            return;
        }

        var number = answer.Address.Sequence;
        if (_opener.Claim(sender, number) is not { } pending)
        {
            if (answer.Verdict == StreamVerdict.Accepted)
            {
                RejectLate(number, connection);
            }

            return;
        }

        if (answer.Verdict != StreamVerdict.Accepted)
        {
            pending.Place.Release();
            pending.Done.TrySetException(answer.Verdict == StreamVerdict.NoHandler
                ? new NoHandlerException(sender, pending.Terms.Type, "stream")
                : new RequestRefusedException(sender, answer.Reason));
            return;
        }

        var link = LinkOf(connection, sender);
        var stream = new GossipStream(
            link, new StreamKey(number, IsOwn: true), new StreamState(answer.Window, _options.Window, owesAnswer: false), pending.Terms, pending.Place);
        link.Add(stream);
        _pulse.Start();
        pending.Done.TrySetResult(stream);
    }

    /// <summary>The other side accepted what nobody waits for any more: without word it would wait for ever.</summary>
    private void RejectLate(ulong number, ITransportConnection connection)
    {
        Span<byte> packet = stackalloc byte[MaxRefusal];
        var size = StreamPacket.WriteFrame(packet, Header, MessageKind.StreamReset, new StreamKey(number, IsOwn: true), ending: Ending.GivenUp);
        if (!connection.TrySend(packet[..size]))
        {
            connection.Close(new IOException("The peer takes no frames, and one is due that must not be lost."));
        }
    }

    /// <summary>The streams of a connection. One that others speak on than before, or for, begins anew: its streams were those lives'.</summary>
    private StreamLink LinkOf(ITransportConnection connection, NodeInstance sender)
    {
        if (_links.TryGetValue(connection.Id, out var link))
        {
            if (link.Peer == sender && link.Self == _host.Self)
            {
                return link;
            }

            link.FailAll(Ending.MemberGone, tell: false);
        }

        return _links[connection.Id] = new StreamLink(connection, _host.Self, sender, _options.Window, _host, Counters);
    }

    /// <summary>Runs a handler, and never throws.</summary>
    private async Task RunAsync(GossipStream stream, Func<GossipStream, CancellationToken, Task> handler)
    {
        try
        {
            await handler(stream, stream.Aborted).ConfigureAwait(false);
            await stream.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!stream.HasFailed) // else it is most likely the echo of that
            {
                _host.Logger.StreamHandlerFailed(stream.Type, stream.Peer, e);
            }

            stream.Fail(Ending.OfHandler(e));
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        stream.Place.Release();
    }
}

using System.Collections.Concurrent;
using Gossip.Messaging;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>The side that opens streams: it asks, and waits for the answer. A question that did not reach the network is sent again; one that did is not, so that no handler runs twice for it.</summary>
internal sealed class StreamOpener(IMessagingHost host, CancellationToken stopped)
{
    private readonly ConcurrentDictionary<ulong, PendingOpen> _pending = new();
    private ulong _lastNumber;

    public int Count => _pending.Count;

    /// <summary>Asks a node for a stream.</summary>
    public async Task<GossipStream> OpenAsync(
        NodeInstance target, StreamTerms terms, int window, StreamOptions options, StreamPlace place, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var header = host.Header() with { Kind = PacketKind.Stream };
        var pending = new PendingOpen(target, terms, place)
        {
            Packet = StreamPacket.WriteOpen(header, new DeliveryAddress(target, number), terms.Type, window, (int)terms.Compression, terms.Headers),
        };
        _pending[number] = pending;
        try
        {
            Transmit(pending);
            return await pending.Done.Task.WaitAsync(options.Timeout, host.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            pending.Fail(pending.IsUnsent
                ? new MemberUnreachableException(target, $"no connection within {options.Timeout}")
                : new RequestTimeoutException(target, options.Timeout));
            return await pending.Done.Task.ConfigureAwait(false); // the answer may have come at this moment
        }
        catch (OperationCanceledException e)
        {
            pending.Fail(e);
            await ((Task)pending.Done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (pending.Done.Task.IsCompletedSuccessfully)
            {
                (await pending.Done.Task.ConfigureAwait(false)).Fail(Ending.GivenUp); // the answer came at this moment
            }

            throw;
        }
        catch (Exception e)
        {
            pending.Fail(e); // unless it has failed already, by what the other side said
            throw;
        }
        finally
        {
            _pending.TryRemove(number, out _);
        }
    }

    /// <summary>The answer came: who waited for it, if somebody still does.</summary>
    public PendingOpen? Claim(NodeInstance sender, ulong number) =>
        _pending.TryGetValue(number, out var pending) && pending.Target == sender && pending.TryClaim() ? pending : null;

    /// <summary>A packet did not reach the network.</summary>
    public void OnUndeliverable(ReadOnlySpan<byte> packet)
    {
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (reader.Field == (int)MessageKind.StreamOpen
                && StreamOpen.TryRead(reader.Bytes, out var open)
                && _pending.TryGetValue(open.Address.Sequence, out var pending))
            {
                _ = RetryAsync(pending);
            }
        }
    }

    /// <summary>Ends what was asked of members that are gone.</summary>
    public void OnViewChanged(ClusterView view)
    {
        foreach (var pending in _pending.Values)
        {
            if (PendingDeliveries.IsGone(view, pending.Target))
            {
                pending.Fail(new MemberUnreachableException(pending.Target, Ending.MemberGone.Text));
            }
        }
    }

    public void FailAll(Func<Exception> error)
    {
        foreach (var pending in _pending.Values)
        {
            pending.Fail(error());
        }
    }

    private void Transmit(PendingOpen pending)
    {
        var target = pending.Target;
        var view = host.View;
        if (PendingDeliveries.IsGone(view, target))
        {
            pending.Fail(new MemberUnreachableException(target, Ending.MemberGone.Text));
            return;
        }

        pending.OnSent();
        var sent = view.Find(target.Id) is { } member
            ? host.Transport.TrySendFrame(member.Endpoint, pending.Packet)
            : host.Clients.TrySend(target, pending.Packet);
        if (!sent)
        {
            _ = RetryAsync(pending);
        }
    }

    private async Task RetryAsync(PendingOpen pending)
    {
        await Task.Delay(pending.OnUnsent(), host.TimeProvider, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!pending.IsClaimed && !stopped.IsCancellationRequested)
        {
            Transmit(pending);
        }
    }
}

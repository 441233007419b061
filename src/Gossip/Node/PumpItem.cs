using System.Buffers;
using Gossip.Transport;

namespace Gossip.Node;

internal enum PumpItemKind
{
    /// <summary>Time may have come for a tick.</summary>
    Wake,
    Packet,
    Undeliverable,

    /// <summary>As undeliverable, because the host said that no process listens there.</summary>
    Refused,
    Disconnected,

    /// <summary>A connection ended in order.</summary>
    Closed,
    SendFailed,
    Call,
}

/// <summary>One entry of the pump's queue.</summary>
internal readonly record struct PumpItem(PumpItemKind Kind)
{
    public NodeEndpoint Endpoint { get; init; }

    public long ConnectionId { get; init; }

    public byte[]? Buffer { get; init; }

    public int Length { get; init; }

    public PumpCall? Call { get; init; }

    /// <summary>An item that holds a copy of a packet in rented memory.</summary>
    public static PumpItem OfPacket(in NodeEndpoint endpoint, long connectionId, ReadOnlySpan<byte> packet)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(buffer);
        return new PumpItem(PumpItemKind.Packet) { Endpoint = endpoint, ConnectionId = connectionId, Buffer = buffer, Length = packet.Length };
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        if (Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
        }
    }
}

/// <summary>
/// A command for the engine that somebody waits for. It is run at once, and completed only when what it caused was carried
/// out, so that whoever waited finds it in the view.
/// </summary>
internal abstract class PumpCall
{
    public abstract void Run(GossipEngine engine, in Moment now);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class PumpCall<T>(Func<GossipEngine, Moment, T> command) : PumpCall
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _value;
    private Exception? _error;

    public Task<T> Result => _completion.Task;

    public override void Run(GossipEngine engine, in Moment now)
    {
        try
        {
            _value = command(engine, now);
        }
        catch (Exception e)
        {
            _error = e; // the caller's mistake, and so the caller's exception
        }
    }

    public override void Complete()
    {
        if (_error is not null)
        {
            _completion.TrySetException(_error);
        }
        else
        {
            _completion.TrySetResult(_value!);
        }
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);
}

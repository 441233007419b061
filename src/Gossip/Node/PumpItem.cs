using Gossip.Transport;

namespace Gossip.Node;

internal enum PumpItemKind
{
    /// <summary>Time may have come for a tick.</summary>
    Wake,
    Packet,
    Undeliverable,
    Disconnected,
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
}

/// <summary>A command for the engine that somebody waits for.</summary>
internal abstract class PumpCall
{
    public abstract void Run(GossipEngine engine, in Moment now);

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class PumpCall<T>(Func<GossipEngine, Moment, T> command) : PumpCall
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _result.Task;

    public override void Run(GossipEngine engine, in Moment now)
    {
        try
        {
            _result.TrySetResult(command(engine, now));
        }
        catch (Exception e)
        {
            _result.TrySetException(e); // the caller's mistake, and so the caller's exception
        }
    }

    public override void Fail(Exception error) => _result.TrySetException(error);
}

namespace Gossip.Agreement;
internal sealed class NoTurn : IAsyncDisposable
{
    public static NoTurn Instance { get; } = new();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using Gossip.Node;

namespace Gossip;

/// <content>What happens at the node, told to whoever wants to hear of it.</content>
public sealed partial class GossipNode
{
    internal HookFeed Hooks { get; }

    /// <summary>
    /// Calls a function for each event of a kind, until the result is disposed or the node has stopped: one after the other, on the thread pool, apart from the node's work and from other hooks. A hook that throws is logged, and goes on; of
    /// more than 1024 events that wait for a slow one the oldest are dropped, and of events about handlers beyond 16 MiB of messages the newest; both are counted (<c>gossip.hooks.dropped</c>).
    /// </summary>
    /// <typeparam name="TEvent">The kind of event: one of the types derived from <see cref="NodeEvent"/>, or that one for all.</typeparam>
    /// <param name="hook">The function. Its token fires when the hook is removed.</param>
    /// <returns>Removes the hook when disposed; what runs then is finished.</returns>
    public IDisposable Hook<TEvent>(Func<TEvent, CancellationToken, ValueTask> hook)
        where TEvent : NodeEvent
    {
        ArgumentNullException.ThrowIfNull(hook);
        return Hooks.Add(hook);
    }

    private void Become(GossipNodeState state)
    {
        var previous = _state;
        _state = state;
        if (previous != state)
        {
            Hooks.Publish(new NodeStateChanged(previous, state));
        }
    }
}

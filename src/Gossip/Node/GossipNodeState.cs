namespace Gossip;

/// <summary>Where a node is in its life.</summary>
public enum GossipNodeState
{
    /// <summary>Made, not started.</summary>
    Created = 0,

    /// <summary>Opening its sockets and trying its seeds.</summary>
    Starting = 1,

    /// <summary>Takes part.</summary>
    Running = 2,

    /// <summary>Left the cluster; it can join again.</summary>
    Left = 3,

    /// <summary>Finishing its work.</summary>
    Stopping = 4,

    /// <summary>Stopped for good.</summary>
    Stopped = 5,
}

/// <summary>A call that the node cannot carry out in its present state.</summary>
public sealed class GossipStateException : GossipException
{
    internal GossipStateException(string operation, GossipNodeState state)
        : base($"{operation} is not possible while the node is {state}: {Advice(state)}") => State = state;

    /// <summary>The state that the node was in.</summary>
    public GossipNodeState State { get; }

    private static string Advice(GossipNodeState state) => state switch
    {
        GossipNodeState.Created => "start it first (the host does so when it starts).",
        GossipNodeState.Starting => "wait until the start has ended.",
        GossipNodeState.Running => "it is started already.",
        GossipNodeState.Left => "call JoinAsync to take part again.",
        _ => "start a new node.",
    };
}

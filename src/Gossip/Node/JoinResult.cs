namespace Gossip;

/// <summary>Why a join through one address failed.</summary>
public enum JoinFailure
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>The host name has no address.</summary>
    Unresolvable,

    /// <summary>Nothing accepts connections there.</summary>
    Unreachable,

    /// <summary>Something accepted the connection and did not answer in time: it may be no gossip node.</summary>
    TimedOut,

    /// <summary>The node there belongs to another cluster or service.</summary>
    ClusterMismatch,

    /// <summary>The node there does not accept this protocol or application version.</summary>
    VersionMismatch,

    /// <summary>The address is this node's own.</summary>
    Self,

    /// <summary>Another living process has this node's identity.</summary>
    DuplicateId,

    /// <summary>The cluster remembers a later process of this node; the node raises its generation and tries again.</summary>
    StaleGeneration,

    /// <summary>The member table there is full.</summary>
    Full,

    /// <summary>This node stopped or left meanwhile.</summary>
    Stopped,

    /// <summary>One of both nodes cannot open what the other sealed: their encryption keys, or their cluster names, differ.</summary>
    KeyMismatch,

    /// <summary>The node there has not joined its own cluster yet, and does not know whether all members there understand this node; it is tried again.</summary>
    NotReady,

    /// <summary>The web server there refuses the bearer token (see <see cref="WebOptions.Token"/>).</summary>
    TokenRefused,
}

/// <summary>What became of a join through one address.</summary>
/// <param name="Address">The address as it was given.</param>
/// <param name="Failure">Why it failed; <see cref="JoinFailure.None"/> when it did not.</param>
/// <param name="By">The node that let this one in, when one did.</param>
/// <param name="Error">What went wrong and what to change; null when nothing did.</param>
public sealed record JoinResult(string Address, JoinFailure Failure, NodeInstance? By, GossipException? Error)
{
    /// <summary>Whether the node was let in through this address.</summary>
    public bool Succeeded => Failure == JoinFailure.None;
}

/// <summary>A join that failed. The message says what to change.</summary>
public sealed class GossipJoinException : GossipException
{
    internal GossipJoinException(JoinFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>Why it failed.</summary>
    public JoinFailure Failure { get; }
}

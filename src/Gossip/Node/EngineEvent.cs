using Gossip.Transport;

namespace Gossip.Node;

internal enum EngineEventKind
{
    /// <summary>A member's state changed: for logs and counters. Views carry the same to users.</summary>
    StateChanged,

    /// <summary>A broadcast arrived for the first time.</summary>
    BroadcastReceived,

    /// <summary>A join ended, well or not.</summary>
    JoinSettled,

    /// <summary>The leave is known to others, or nobody is there to know it.</summary>
    LeaveSettled,

    /// <summary>Peers remember a later generation of this node than its own: the owner must restart the engine above it.</summary>
    GenerationOutdated,

    /// <summary>Another process uses this node's identity at another address.</summary>
    IdentityConflict,

    /// <summary>A newcomer was turned away because the table is full.</summary>
    TableFull,

    /// <summary>A newcomer was turned away, or turned away by itself, for the reason that is said.</summary>
    NewcomerRefused,
}

/// <summary>How a join ended.</summary>
internal enum JoinStatus
{
    Accepted = 0,
    Unreachable = 1,
    TimedOut = 2,
    ClusterMismatch = 3,
    VersionMismatch = 4,
    Self = 5,
    DuplicateId = 6,
    StaleGeneration = 7,
    Full = 8,
    Stopped = 9,
    KeyMismatch = 10,
    NotReady = 11,
    TokenRefused = 12,
}

/// <summary>Something that the engine's owner should know. Which members are set depends on the kind.</summary>
internal readonly record struct EngineEvent(EngineEventKind Kind)
{
    public NodeInstance Subject { get; init; }

    public NodeEndpoint Endpoint { get; init; }

    public MemberState Before { get; init; }

    public MemberState After { get; init; }

    public string? Reason { get; init; }

    public long Token { get; init; }

    public JoinStatus Status { get; init; }

    public ulong Generation { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }
}

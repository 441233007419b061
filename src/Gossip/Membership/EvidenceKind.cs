namespace Gossip;

/// <summary>What was observed about a member on its way from alive to dead, or back.</summary>
public enum EvidenceKind
{
    /// <summary>This node's datagram probe was not answered in time.</summary>
    DirectProbeTimedOut = 0,

    /// <summary>The witness probed on this node's behalf and got no answer: it reported a nack, so the witness itself is reachable.</summary>
    IndirectProbeFailed = 1,

    /// <summary>The witness was asked to probe and did not report at all: it may be unreachable or slow itself.</summary>
    IndirectProbeUnanswered = 2,

    /// <summary>This node's stream probe was not answered in time.</summary>
    StreamProbeTimedOut = 3,

    /// <summary>The member's host refused the stream connection, or the connection broke: no process listens there.</summary>
    StreamProbeRefused = 4,

    /// <summary>The witness accuses the member of being dead.</summary>
    Accused = 5,

    /// <summary>The suspicion ran out without a refutation; the witness declared the death.</summary>
    SuspicionExpired = 6,

    /// <summary>The witness told this node that the member is dead.</summary>
    DeathAnnounced = 7,

    /// <summary>The member itself refuted.</summary>
    Refuted = 8,

    /// <summary>A newer process of the same node appeared, which proves that the old one is gone.</summary>
    Replaced = 9,

    /// <summary>The member announced that it left.</summary>
    LeaveAnnounced = 10,
}

using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>What a proposer wants done. Its owner carries it out after each call, and clears it.</summary>
internal sealed class ProposerOutbox
{
    public List<AcceptorRequest> Requests { get; } = [];

    public List<Settled> Settled { get; } = [];

    /// <summary>Acceptors whose store was replaced by another one: they are lost for good.</summary>
    public List<AcceptorId> Lost { get; } = [];

    /// <summary>Reconfigurations that ended: true when the new configuration decides now.</summary>
    public List<(ImmutableArray<AcceptorId> Seats, bool Succeeded)> Reconfigured { get; } = [];

    public void Clear()
    {
        Requests.Clear();
        Settled.Clear();
        Lost.Clear();
        Reconfigured.Clear();
    }
}

/// <summary>How a change ended at this proposer.</summary>
/// <param name="Ticket">Names the submission.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Result">The answer of the change.</param>
/// <param name="Value">For one that was decided, the chosen value right after its round.</param>
/// <param name="Ballot">The ballot of that round.</param>
/// <param name="Leader">For one that another proposer should be asked, that one.</param>
internal readonly record struct Settled(long Ticket, Verdict Verdict, ReadOnlyMemory<byte> Result = default, RegisterValue? Value = null, Ballot Ballot = default, NodeInstance Leader = default);

/// <summary>How a change ended. The numbers go over the wire.</summary>
internal enum Verdict
{
    /// <summary>None yet.</summary>
    None = 0,

    /// <summary>Decided by a majority: <see cref="Settled.Result"/> holds the answer.</summary>
    Decided = 1,

    /// <summary>Its client had given it up before.</summary>
    Void = 2,

    /// <summary>Its client, or all of them, wait for too many at once: later.</summary>
    Busy = 3,

    /// <summary>Another proposer is at work. The change may have been decided all the same: sent there again under its name, it gets its true answer.</summary>
    NotLeader = 4,

    /// <summary>No majority answered in time. The change may be decided later, or not.</summary>
    TimedOut = 5,

    /// <summary>The register was not founded yet.</summary>
    Unfounded = 6,
}

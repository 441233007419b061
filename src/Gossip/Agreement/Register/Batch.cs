using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// All that one round changes, in order. A value and the batches since are the same as the newer value, so acceptors that hold the one are sent
/// the others. The losers of a round are not part of it: they changed nothing.
/// </summary>
internal sealed class Batch
{
    /// <summary>Changes nothing.</summary>
    public static Batch Identity { get; } = new();

    /// <summary>Makes the empty register that of a cluster.</summary>
    public Lineage Founding { get; init; }

    /// <summary>With <see cref="Founding"/>, for a register that succeeds another: the results that the clients of that one may still ask for.</summary>
    public Sessions? Inherited { get; init; }

    public ImmutableArray<Change> Changes { get; init; } = [];

    /// <summary>Sessions whose results are forgotten, because they were idle for so long that nothing of theirs can be under way.</summary>
    public ImmutableArray<NodeInstance> Expired { get; init; } = [];

    /// <summary>Ends the epoch: nothing changes any more in it, and these vote in the next.</summary>
    public ImmutableArray<AcceptorId> Seal { get; init; } = [];

    public bool IsIdentity => Founding.IsNone && Changes.IsEmpty && Expired.IsEmpty && Seal.IsEmpty;

    /// <summary>The encoded form, made once: it is sent to several, logged and hashed.</summary>
    public ReadOnlyMemory<byte> Encoded => field.IsEmpty ? field = BatchFormat.Encode(this) : field;
}

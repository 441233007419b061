using System.Collections.Immutable;
using System.Globalization;

namespace Gossip.Agreement;

/// <summary>Who votes in one epoch. Any number of seats may differ from one epoch to the next.</summary>
/// <param name="Epoch">Counts the configurations of a register.</param>
/// <param name="Acceptors">Sorted, and each at most once.</param>
internal sealed record Configuration(long Epoch, ImmutableArray<AcceptorId> Acceptors)
{
    /// <summary>The most seats: more would make each commit dearer and survive nothing that happens (five survive any two).</summary>
    public const int MaxAcceptors = 7;

    /// <summary>The most founders. They vote once, so many of them cost little; but all nodes must be told the same list.</summary>
    public const int MaxFounders = 64;

    /// <summary>Any two majorities share an acceptor.</summary>
    public int Majority => (Acceptors.Length / 2) + 1;

    public static Configuration Of(long epoch, IEnumerable<AcceptorId> acceptors) =>
        new(epoch, [.. acceptors.Distinct().OrderBy(acceptor => acceptor.Node).ThenBy(acceptor => acceptor.Store)]);

    public bool Contains(AcceptorId acceptor) => Acceptors.Contains(acceptor);

    /// <summary>Whether a node has a seat, with whichever store.</summary>
    public bool HasSeatOf(NodeId node) => Acceptors.Any(acceptor => acceptor.Node == node);

    public bool Equals(Configuration? other) => other is not null && Epoch == other.Epoch && Acceptors.AsSpan().SequenceEqual(other.Acceptors.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Epoch, Acceptors.Length);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch} [{string.Join(' ', Acceptors)}]");
}

using System.Globalization;

namespace Gossip.Agreement;

/// <summary>
/// The number of an attempt to decide (Lamport 2001, "Paxos Made Simple"). Two proposers never use the same one, since one life of a node
/// counts its own rounds and never lives again.
/// </summary>
/// <param name="Round">Compared first.</param>
/// <param name="Proposer">The life of the node that proposes.</param>
internal readonly record struct Ballot(ulong Round, NodeInstance Proposer) : IComparable<Ballot>
{
    /// <summary>Below every ballot that is ever used.</summary>
    public static Ballot None => default;

    public bool IsNone => Round == 0;

    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    public int CompareTo(Ballot other)
    {
        var byRound = Round.CompareTo(other.Round);
        var byNode = byRound != 0 ? byRound : Proposer.Id.CompareTo(other.Proposer.Id);
        return byNode != 0 ? byNode : Proposer.Generation.CompareTo(other.Proposer.Generation);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Round}:{Proposer}");
}

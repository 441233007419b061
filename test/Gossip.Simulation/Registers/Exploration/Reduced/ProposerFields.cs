using System.Reflection;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>What the explorer must know of a proposer and its owner need not.</summary>
internal static class ProposerFields
{
    private static readonly FieldInfo PhaseField = StateKey.FieldOf(typeof(Proposer), "_phase");
    private static readonly FieldInfo TagField = StateKey.FieldOf(typeof(Proposer), "_tag");
    private static readonly FieldInfo StageTagField = StateKey.FieldOf(typeof(Proposer), "_stageTag");
    private static readonly FieldInfo BallotField = StateKey.FieldOf(typeof(Proposer), "_ballot");
    private static readonly FieldInfo ProposedField = StateKey.FieldOf(typeof(Proposer), "_proposed");
    private static readonly FieldInfo ValueField = StateKey.FieldOf(typeof(Proposer), "_value");

    private static readonly PropertyInfo SealDue = typeof(Proposer).GetProperty("IsSealDue", BindingFlags.Instance | BindingFlags.NonPublic) ?? throw new MissingMemberException(nameof(Proposer), "IsSealDue");
    private static readonly FieldInfo SelfField = StateKey.FieldOf(typeof(Proposer), "<self>P");
    private static readonly FieldInfo NextBallotField = StateKey.FieldOf(typeof(Proposer), "_nextBallot");
    private static readonly FieldInfo HighestRoundField = StateKey.FieldOf(typeof(Proposer), "_highestRound");

    public static NodeInstance Self(Proposer proposer) => (NodeInstance)SelfField.GetValue(proposer)!;

    public static Ballot NextBallot(Proposer proposer) => (Ballot)NextBallotField.GetValue(proposer)!;

    /// <summary>All ballots that the proposer is still to take are this one or above.</summary>
    public static Ballot FirstFutureBallot(Proposer proposer) => new((ulong)HighestRoundField.GetValue(proposer)! + 1, Self(proposer));

    public static string Phase(Proposer proposer) => PhaseField.GetValue(proposer)!.ToString()!;

    public static bool IsSealDue(Proposer proposer) => (bool)SealDue.GetValue(proposer)!;

    public static ulong Tag(Proposer proposer) => (ulong)TagField.GetValue(proposer)!;

    public static ulong StageTag(Proposer proposer) => (ulong)StageTagField.GetValue(proposer)!;

    public static Ballot Ballot(Proposer proposer) => (Ballot)BallotField.GetValue(proposer)!;

    public static RegisterValue? Proposed(Proposer proposer) => (RegisterValue?)ProposedField.GetValue(proposer);

    public static RegisterValue? Value(Proposer proposer) => (RegisterValue?)ValueField.GetValue(proposer);
}

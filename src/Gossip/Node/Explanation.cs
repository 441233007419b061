using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gossip;

/// <summary>One thing that this node observed about a member.</summary>
/// <param name="Time">When, by this node's clock.</param>
/// <param name="Kind">What.</param>
/// <param name="Witness">Who observed it: this node, a helper or another accuser.</param>
public sealed record Evidence(DateTimeOffset Time, EvidenceKind Kind, NodeId Witness);

/// <summary>Why this node believes about a member what it believes: the probes, the accusers, and what came of them.</summary>
/// <param name="Member">The member.</param>
/// <param name="Since">Since when it has its state.</param>
/// <param name="Evidence">What was observed, the oldest first; at most the last 32 observations. Empty for a member that never failed a probe.</param>
/// <param name="Accusers">Who accused the member of being dead, each once, the first accuser first.</param>
/// <param name="DeclaredDeadBy">Who declared the death, when it is dead.</param>
public sealed record Explanation(
    ClusterMember Member,
    DateTimeOffset Since,
    ImmutableArray<Evidence> Evidence,
    ImmutableArray<NodeId> Accusers,
    NodeId? DeclaredDeadBy)
{
    /// <summary>The explanation as lines for a person.</summary>
    /// <returns>The member and its state, then one line for each observation.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Member} since {Since:HH:mm:ss.fff}");
        foreach (var item in Evidence)
        {
            var witness = item.Witness == Member.Id ? "the member itself" : item.Witness.Prefix;
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {item.Time:HH:mm:ss.fff} {Describe(item.Kind)} ({witness})");
        }

        return text.ToString();
    }

    private static string Describe(EvidenceKind kind) => kind switch
    {
        EvidenceKind.DirectProbeTimedOut => "did not answer a direct probe",
        EvidenceKind.IndirectProbeFailed => "did not answer a probe by a helper, which sent a nack",
        EvidenceKind.IndirectProbeUnanswered => "no word from a helper that was asked to probe",
        EvidenceKind.StreamProbeTimedOut => "did not answer a probe over TCP",
        EvidenceKind.StreamProbeRefused => "refused a TCP connection",
        EvidenceKind.Accused => "was accused",
        EvidenceKind.SuspicionExpired => "did not refute in time and was declared dead",
        EvidenceKind.DeathAnnounced => "was announced dead",
        EvidenceKind.Refuted => "refuted",
        EvidenceKind.Replaced => "was replaced by a newer process",
        EvidenceKind.LeaveAnnounced => "announced that it left",
        _ => kind.ToString(),
    };
}

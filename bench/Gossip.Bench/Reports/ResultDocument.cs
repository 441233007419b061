using System.Text.Json.Serialization;

namespace Gossip.Bench.Reports;

/// <summary>The results of one campaign, as they are kept for programs.</summary>
internal sealed record ResultDocument
{
    public required DateTimeOffset Time { get; init; }

    public required int Processors { get; init; }

    public required int Runs { get; init; }

    public required bool InProcess { get; init; }

    public required string Profile { get; init; }

    /// <summary>How the agents were compiled.</summary>
    public required string Agents { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Measurements that could not be made.</summary>
    public required int Failures { get; init; }

    public required IReadOnlyList<Entry> Results { get; init; }

    /// <summary>One <see cref="Result"/>, with what a reader would have to work out.</summary>
    internal sealed record Entry
    {
        public required int Target { get; init; }

        public required string Name { get; init; }

        public required int Nodes { get; init; }

        public required string Unit { get; init; }

        public required string Judged { get; init; }

        public required IReadOnlyList<double> Ours { get; init; }

        public required IReadOnlyList<double> Peers { get; init; }

        public double? Ratio { get; init; }

        public double? Goal { get; init; }

        public double? GoalOfPeer { get; init; }

        public bool? IsMet { get; init; }
    }
}

/// <summary>Generated, because agents that are compiled ahead of time come from the same sources.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResultDocument))]
internal sealed partial class ResultJson : JsonSerializerContext;

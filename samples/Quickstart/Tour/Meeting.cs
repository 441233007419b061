using System.Globalization;
using Gossip;
using Quickstart.Nodes;

namespace Quickstart.Tour;

/// <summary>The steps in which nodes get to know each other.</summary>
internal static class Meeting
{
    private const int Everybody = 3;

    public static async Task<string> DiscoverAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var alpha = await cluster.StartAsync(cluster.Plan("alpha", seed: null), token);
        var seed = alpha.Latest().Local.Address;
        screen.Say($"alpha listens at {seed}. That one address is all that beta and gamma are told.");

        var gamma = cluster.Plan("gamma", seed);
        await Task.WhenAll(
            cluster.StartAsync(cluster.Plan("beta", seed), token),
            cluster.StartAsync(broken ? gamma with { ClusterName = "another cluster" } : gamma, token));

        var start = DateTimeOffset.MinValue;
        foreach (var node in cluster.Running)
        {
            var starting = await node.WhenAsync<Starting>("its own start", _ => true, token);
            start = starting.Time > start ? starting.Time : start;
        }

        List<string[]> rows = [];
        foreach (var node in cluster.Running)
        {
            var complete = await node.WhenAsync<Snapshot>("three living members", IsComplete, token);
            rows.Add([node.Name, node.ProcessId.ToString(CultureInfo.InvariantCulture), Screen.Milliseconds(complete.Time - start)]);
        }

        screen.Table(["node", "process", "sees all three after"], rows);
        screen.Say("The members, as beta sees them:");
        screen.Members(cluster.Beta.Latest());
        return "Every node sees three living members. (Times are from the start of the last process.)";
    }

    public static async Task<string> ShareMetadataAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        (string Key, MetadataValueKind Kind, string Text)[] values =
        [
            ("capacity", MetadataValueKind.Int64, "8"),
            ("load", MetadataValueKind.Double, "0.75"),
            ("accepting", MetadataValueKind.Boolean, "true"),
            ("zone", MetadataValueKind.String, "north"),
            ("deployed", MetadataValueKind.Time, "2026-01-31T12:00:00Z"),
        ];
        screen.Say("alpha sets five values at run time, in one update.");
        var start = DateTimeOffset.UtcNow;
        if (!broken)
        {
            await cluster.Alpha.TellAsync(Verb.Set, token, [.. values.SelectMany(value => new[] { value.Key, value.Text })]);
        }

        var alpha = cluster.Alpha.Latest().Local.Id;
        List<string> times = [];
        Snapshot? seen = null;
        foreach (var other in new[] { cluster.Beta, cluster.Gamma })
        {
            seen = await other.WhenAsync<Snapshot>("the metadata of alpha", Knows, token);
            times.Add($"{other.Name} after {Screen.Milliseconds(seen.Time - start)}");
        }

        screen.Table(
            ["key", "type", "value, as gamma sees it"],
            seen!.Find(alpha)!.Metadata.Select(pair => new[] { pair.Key, pair.Value.Kind.ToString(), pair.Value.Text }));
        return $"The others see the same values with the same types: {string.Join(", ", times)}.";

        bool Knows(Snapshot snapshot) => snapshot.Find(alpha) is { } peer
            && values.All(value => peer.Metadata.TryGetValue(value.Key, out var found) && found == new TypedText(value.Kind, value.Text));
    }

    /// <summary>All are there and alive, and their first metadata has come, too.</summary>
    private static bool IsComplete(Snapshot snapshot) =>
        snapshot.Peers.Count(peer => peer.State == MemberState.Alive && peer.Metadata.ContainsKey(NodeCommands.NameKey)) == Everybody;
}

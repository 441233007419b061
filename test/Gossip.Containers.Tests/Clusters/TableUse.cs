using Gossip.Containers.Tests.Histories;
using Gossip.Simulation.Registers;
using Xunit;

namespace Gossip.Containers.Tests.Clusters;

/// <summary>All nodes read the table and compare and swap all the time, whatever becomes of them; in the end their histories must be those of one table that does one thing after the other.</summary>
internal static class TableUse
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task BeginAsync(IEnumerable<NodeContainer> nodes) => Task.WhenAll(nodes.Select(static node => node.WorkAsync(isOn: true, Token)));

    /// <summary>Waits until each of some nodes was answered more changes of the table than before.</summary>
    public static async Task AwaitCommitsAsync(IReadOnlyList<NodeContainer> nodes)
    {
        var before = nodes.ToDictionary(static node => node, Commits);
        await ContainerCluster.AwaitAsync(nodes, _ => nodes.All(node => Commits(node) > before[node]));
    }

    /// <summary>Ends the use of the table, and checks what it was.</summary>
    /// <returns>How many changes were made.</returns>
    public static async Task<int> EndAsync(ContainerCluster cluster)
    {
        await Task.WhenAll(cluster.Running.Select(static node => node.WorkAsync(isOn: false, Token)));
        var history = ReportedHistory.Read(cluster.Nodes.SelectMany(static node => node.ReadHistories()));
        TableHistoryCheck.Check(history);
        var commits = history.Count(static operation => operation.IsCommit);
        TestContext.Current.SendDiagnosticMessage($"{TestContext.Current.TestMethod?.MethodName}: {history.Count} operations, {commits} changes, {history.Count(static operation => !operation.IsAnswered)} without an answer: one history");
        return commits;
    }

    private static int Commits(NodeContainer node) => node.ReadHistories().Sum(static lines => lines.Count(static line => line.Contains("\"won\":true", StringComparison.Ordinal)));
}

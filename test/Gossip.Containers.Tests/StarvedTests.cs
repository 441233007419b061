using System.Diagnostics;
using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Gossip.Membership;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>A node that hardly gets a processor: Lifeguard's case. It takes minutes, and so is run on demand.</summary>
public sealed class StarvedTests(NodeImage image) : ContainerTest(image)
{
    private const string Option = "GOSSIP_STARVED";
    private const int Nodes = 5;
    private const double Share = 0.1;

    [Fact]
    public async Task Nobody_is_taken_for_dead_beside_a_starved_node_but_one_that_is()
    {
        var time = TimeOption.Demand(Option, "5m");
        var cluster = await StartAsync(Nodes);
        var (starved, victim, others) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes.Skip(2).ToArray());
        await starved.LimitProcessorAsync(Share, Token);
        await TableUse.BeginAsync(cluster.Nodes.Except([starved]));
        await Task.Delay(time, Token);
        foreach (var node in cluster.Nodes)
        {
            Assert.Empty((await node.TryReportAsync(Token))!.Deaths);
        }

        var begun = Stopwatch.GetTimestamp();
        await victim.KillAsync(Token);
        await ContainerCluster.AwaitAsync(others, static report => report.Deaths.Length > 0);
        var times = new List<TimeSpan>();
        foreach (var node in others)
        {
            var death = Assert.Single((await node.TryReportAsync(Token))!.Deaths);
            Assert.Equal(victim.Name, death.Name);
            times.Add(Stopwatch.GetElapsedTime(begun, death.At));
        }

        TestContext.Current.SendDiagnosticMessage($"killed beside a starved node: dead at each other node after {string.Join(", ", times.Select(static time => $"{time.TotalSeconds:0.00}"))} s; computed bound {ProtocolTiming.Lan.DetectionBound(Nodes).TotalSeconds:0.0} s");
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }
}

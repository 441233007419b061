using System.Diagnostics;
using System.Globalization;
using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>Random faults for a long time, and so on demand.</summary>
public sealed class SoakTests(NodeImage image) : ContainerTest(image)
{
    private const string Option = "GOSSIP_SOAK";
    private const string Seed = "GOSSIP_SOAK_SEED";
    private const int Nodes = 5;

    /// <summary>How much more a process may hold in the end than after the first faults.</summary>
    private const double Growth = 1.5;

    private enum Fault
    {
        Kill,
        Restart,
        Pause,
        Cut,
    }

    [Fact]
    public async Task Random_faults_leave_one_history_and_processes_that_do_not_grow()
    {
        var time = TimeOption.Demand(Option, "20m");
        var seed = int.TryParse(Environment.GetEnvironmentVariable(Seed), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"{Seed}={seed}");
        var random = new Random(seed);
        var cluster = await StartAsync(Nodes, static settings => settings with
        {
            Environment = new Dictionary<string, string>(settings.Environment, StringComparer.Ordinal) { ["Pace"] = "00:00:01" }, // a history that can be checked
        });
        await TableUse.BeginAsync(cluster.Nodes);

        var lasting = cluster.Nodes[^1]; // never ends, so that it shows what grows
        var counts = new SortedDictionary<Fault, int>();
        (long Memory, int Handles)? early = null;
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            var fault = (Fault)random.Next(Enum.GetValues<Fault>().Length);
            var victim = cluster.Nodes[random.Next(fault is Fault.Kill or Fault.Restart ? Nodes - 1 : Nodes)];
            await PlayAsync(cluster, fault, victim);
            counts[fault] = counts.GetValueOrDefault(fault) + 1;
            await TableUse.AwaitCommitsAsync(cluster.Nodes);
            if (counts.Count == Enum.GetValues<Fault>().Length)
            {
                early ??= await SizeAsync(lasting);
            }
        }

        var late = await SizeAsync(lasting);
        TestContext.Current.SendDiagnosticMessage($"{string.Join(", ", counts.Select(static count => $"{count.Key} {count.Value}"))}; memory {early?.Memory:N0} then {late.Memory:N0} bytes, handles {early?.Handles} then {late.Handles}");
        Assert.True(await TableUse.EndAsync(cluster) > 0);
        Assert.NotNull(early); // all kinds of faults happened
        Assert.InRange(late.Memory, 0, early.Value.Memory * Growth);
        Assert.InRange(late.Handles, 0, early.Value.Handles * Growth);
    }

    private static async Task PlayAsync(ContainerCluster cluster, Fault fault, NodeContainer victim)
    {
        var others = cluster.Nodes.Where(node => node != victim).ToArray();
        switch (fault)
        {
            case Fault.Kill:
                await victim.KillAsync(Token);
                break;
            case Fault.Restart:
                await victim.StopAsync(Token);
                break;
            case Fault.Pause:
                await victim.PauseAsync(Token);
                break;
            case Fault.Cut:
                await cluster.DisconnectAsync(victim);
                break;
        }

        await ContainerCluster.AwaitAllSeeAsync(others);
        switch (fault)
        {
            case Fault.Pause:
                await victim.UnpauseAsync(Token);
                break;
            case Fault.Cut:
                await cluster.ConnectAsync(victim);
                break;
            default:
                await victim.StartAsync(Token);
                break;
        }

        await cluster.AwaitAllSeeAllAsync();
        if (fault is Fault.Kill or Fault.Restart)
        {
            await TableUse.BeginAsync([victim]);
        }
    }

    private static async Task<(long Memory, int Handles)> SizeAsync(NodeContainer node)
    {
        var report = (await node.TryReportAsync(Token))!;
        return (report.MemoryBytes, report.Handles);
    }
}

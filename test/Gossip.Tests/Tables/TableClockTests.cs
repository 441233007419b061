using Gossip.Tests.Node;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>Somebody sets the clocks of nodes that keep a table: nothing waits for them, and nothing is ordered by them.</summary>
public sealed class TableClockTests
{
    private const int Nodes = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_wall_clock_that_jumps_by_hours_neither_stops_commits_nor_takes_a_version_back()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await using var cluster = new LocalCluster();
        var clocks = Enumerable.Range(0, Nodes).Select(_ => new SetClock()).ToArray();
        List<GossipNode> nodes = [];
        foreach (var clock in clocks)
        {
            nodes.Add(await StartAsync(cluster, clock, patience.Token));
        }

        var last = await CommitAsync(nodes, -1, patience.Token);
        Assert.True(last > Nodes, "the first version is above the floor that the clock gives");
        foreach (var hours in new[] { 5, -5, 30, -48, 0 })
        {
            foreach (var clock in clocks)
            {
                clock.Offset = TimeSpan.FromHours(hours);
                last = await CommitAsync(nodes, last, patience.Token); // while the clocks differ, too
            }
        }

        // A life that begins by a clock that went back.
        clocks[^1].Offset = TimeSpan.FromHours(-3);
        await cluster.KillAsync(nodes[^1]);
        nodes[^1] = await StartAsync(cluster, clocks[^1], patience.Token);
        await CommitAsync(nodes, last, patience.Token);
    }

    private static async Task<GossipNode> StartAsync(LocalCluster cluster, SetClock clock, CancellationToken token)
    {
        var options = cluster.Options(options => options.Table = new TableOptions
        {
            Founding = cluster.Nodes.Any() ? TableFounding.Never : TableFounding.Single,
            VersionFloor = TableVersionFloor.Clock,
        });
        foreach (var node in cluster.Nodes)
        {
            options.Seeds.Add(LocalCluster.Address(node));
        }

        return await cluster.AddAsync(options, clock, token);
    }

    /// <summary>A commit of each node, each the next version after the one before.</summary>
    private static async Task<int> CommitAsync(IEnumerable<GossipNode> nodes, int last, CancellationToken token)
    {
        foreach (var node in nodes)
        {
            var table = await node.Table.ReadAllAsync(token);
            Assert.True(last < 0 || table.Version.Number == last, $"version {table.Version.Number} after {last}");
            Assert.True(await node.Table.InsertRowAsync(Guid.NewGuid().ToString("N"), new byte[1], table.Version, cancellationToken: token));
            var version = (await node.Table.ReadAllAsync(token)).Version.Number;
            Assert.True(last < 0 ? version > 0 : version == last + 1, $"version {version} after {last}");
            last = version;
        }

        return last;
    }

    /// <summary>A wall clock that may be set; time passes as on any other.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset
        {
            set => Interlocked.Exchange(ref _offset, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}

using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>
/// What Orleans expects of a membership table, by the names and numbers that its own suites give it, tried through the provider's own interface and handles on different nodes.
/// </summary>
public abstract partial class MembershipTableContract
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract int Nodes { get; }

    private protected virtual Task<ProviderCluster> StartAsync() => ProviderCluster.StartAsync(Nodes);

    private protected static async Task<MembershipEntry> InsertAsync(IMembershipTable table, MembershipEntry? entry = null)
    {
        entry ??= Entries.New();
        while (!await table.InsertRow(entry, (await table.ReadAll()).Version.Next()))
        {
            Assert.Null((await table.ReadAll()).TryGet(entry.SiloAddress));
        }

        return entry;
    }

    /// <summary>Reads the entry, changes it, and writes it until nobody else is faster.</summary>
    private static async Task UpdateAsync(IMembershipTable table, SiloAddress silo, Action<MembershipEntry> change)
    {
        while (true)
        {
            var read = await table.ReadAll();
            var (entry, etag) = read.TryGet(silo)!;
            change(entry);
            if (await table.UpdateRow(entry, etag, read.Version.Next()))
            {
                return;
            }
        }
    }

    private static async Task LosesAsync(IMembershipTable table, Func<Task<bool>> call)
    {
        var before = Entries.Describe(await table.ReadAll());
        Assert.False(await call());
        Assert.Equal(before, Entries.Describe(await table.ReadAll()));
    }
}

public sealed class OneNodeMembershipTableTests : MembershipTableContract
{
    private protected override int Nodes => 1;
}

public sealed class ThreeNodeMembershipTableTests : MembershipTableContract
{
    private protected override int Nodes => 3;
}

/// <summary>The contract while the node in charge is killed again and again, through handles on nodes that stay.</summary>
public sealed class KilledProposerMembershipTableTests : MembershipTableContract
{
    private protected override int Nodes => 2;

    private protected override Task<ProviderCluster> StartAsync() => ProviderCluster.StartKillingAsync(Nodes);

    /// <summary>Shows that the others of this class are tried while somebody in charge dies: writes go on over several deaths, and each counts once.</summary>
    [Fact]
    public async Task Writes_go_on_while_those_in_charge_are_killed()
    {
        const int Deaths = 4;
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var writes = 1;
        while (cluster.Kills < Deaths)
        {
            var read = await cluster[writes].ReadAll();
            Assert.Equal(writes, read.Version.Version);
            entry.ProxyPort = ++writes;
            Assert.True(await cluster[writes].UpdateRow(entry, Assert.Single(read.Members).Item2, read.Version.Next()));
        }

        var last = await cluster[0].ReadAll();
        Assert.Equal((writes, writes), (last.Version.Version, Assert.Single(last.Members).Item1.ProxyPort));
    }
}

using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>
/// What Orleans expects of a membership table, by the names and numbers that its own suites give it, tried through the provider's own interface and handles on different nodes.
/// </summary>
public abstract partial class MembershipTableContract
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract int Nodes { get; }

    private Task<ProviderCluster> StartAsync() => ProviderCluster.StartAsync(Nodes);

    private static async Task<MembershipEntry> InsertAsync(IMembershipTable table, MembershipEntry? entry = null)
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

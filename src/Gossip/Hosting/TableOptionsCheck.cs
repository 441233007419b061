using System.Globalization;
using System.Text;

namespace Gossip.Hosting;

/// <summary>Finds the problems of the table's options, and says of each what to change.</summary>
internal static class TableOptionsCheck
{
    private const string Table = nameof(GossipOptions.Table);
    private const string Founding = $"{Table}.{nameof(TableOptions.Founding)}";
    private const string Expect = $"{Table}.{nameof(TableOptions.Expect)}";
    private const string ExpectOf = $"{Table}.{nameof(TableOptions.ExpectOf)}";
    private const string UseExpect =
        $"set {Founding} = {nameof(TableFounding.Expect)}, and {Expect} of {ExpectOf} to more than half of the nodes that the cluster begins with, on every node";

    private const int MaxZoneBytes = 256;

    /// <summary>Results are remembered for twice as long, see docs/agreement.md.</summary>
    private static readonly TimeSpan MaxOperationTimeout = TimeSpan.FromMinutes(2);

    public static void Check(GossipOptions options, bool isLoopback, List<string> failures)
    {
        if (options.Table is not { } table)
        {
            return;
        }

        Require(table.DataDirectory is not { } path || !string.IsNullOrWhiteSpace(path), failures,
            $"{Table}.{nameof(table.DataDirectory)} is empty: name a directory, or leave it out to keep the table in memory.");
        Require(table.Zone is not null && Encoding.UTF8.GetByteCount(table.Zone) <= MaxZoneBytes, failures,
            $"{Table}.{nameof(table.Zone)} must be text of at most {MaxZoneBytes} bytes.");
        Require(table.OperationTimeout > TimeSpan.Zero && table.OperationTimeout <= MaxOperationTimeout, failures,
            $"{Table}.{nameof(table.OperationTimeout)} is {table.OperationTimeout}: choose more than zero and at most two minutes.");
        Require(Enum.IsDefined(table.VersionFloor), failures,
            $"{Table}.{nameof(table.VersionFloor)} is {table.VersionFloor}: choose {string.Join(" or ", Enum.GetNames<TableVersionFloor>())}.");
        CheckExpected(table, failures);
        switch (table.Founding)
        {
            case TableFounding.Seeds when table.Votes && !options.Client:
                CheckSeeds(options.Seeds, isLoopback && !options.HasSeedProviders, failures);
                break;
            case TableFounding.Single when !table.Votes && !options.Client:
                failures.Add($"{Founding} is {table.Founding}, and {Table}.{nameof(table.Votes)} is false: an observer founds nothing. Let it vote, or choose {nameof(TableFounding.Never)}.");
                break;
            case var founding when !Enum.IsDefined(founding):
                failures.Add($"{Founding} is {founding}: choose {string.Join(", ", Enum.GetNames<TableFounding>())}.");
                break;
        }
    }

    /// <summary>Of two groups that are each more than half of the expected nodes, one node would be in both.</summary>
    private static void CheckExpected(TableOptions table, List<string> failures)
    {
        if (table.Founding != TableFounding.Expect)
        {
            Require(table.Expect == 0 && table.ExpectOf == 0, failures,
                $"{Expect} and {ExpectOf} count only with {Founding} = {nameof(TableFounding.Expect)}: set it, or leave them out.");
            return;
        }

        Require(table.Expect >= 1 && table.Expect <= table.ExpectOf && table.Expect > table.ExpectOf / 2, failures, string.Create(
            CultureInfo.InvariantCulture,
            $"{Expect} is {table.Expect} and {ExpectOf} is {table.ExpectOf}: let {Expect} be more than half of {ExpectOf} and at most all, as 2 of 3, or two halves could found a table each."));
        Require(table.ExpectOf <= Agreement.Configuration.MaxFounders, failures, string.Create(
            CultureInfo.InvariantCulture,
            $"{ExpectOf} is {table.ExpectOf}: a cluster is founded by at most {Agreement.Configuration.MaxFounders} nodes; let those found it that are there first, and give the others {Founding} = {nameof(TableFounding.Never)}."));
    }

    private static void CheckSeeds(IList<string> seeds, bool isLoopback, List<string> failures)
    {
        Require(isLoopback || seeds.Count > 0, failures,
            $"{nameof(GossipOptions.Seeds)} is empty, so nothing says who makes the cluster's table: name the founders' addresses in {nameof(GossipOptions.Seeds)}, the same on every node; or {UseExpect}; "
            + $"or set {Founding} = {nameof(TableFounding.Single)} on exactly one node, or {nameof(TableFounding.Never)} where a table exists already.");
        Require(seeds.Count <= Agreement.Configuration.MaxFounders, failures, string.Create(
            CultureInfo.InvariantCulture,
            $"{nameof(GossipOptions.Seeds)} names {seeds.Count} nodes, and at most {Agreement.Configuration.MaxFounders} may found the table: name fewer, the same on every node."));
        HashSet<string> founders = new(StringComparer.Ordinal);
        foreach (var seed in seeds)
        {
            if (!GossipAddress.TryParse(seed, out var address))
            {
                continue; // which is a failure of its own already
            }

            if (address is { Web: not null, HasSocket: true } or { IsService: true })
            {
                failures.Add($"{nameof(GossipOptions.Seeds)} contains '{seed}', and each founder of the cluster's table has one address, the same on every node: write its ip:port alone, or its URL; or {UseExpect}.");
                continue;
            }

            Require(address.Ip is not null || address.Web is not null, failures,
                $"{nameof(GossipOptions.Seeds)} contains the name '{seed}', and a name does not say who makes the cluster's table, for what stands behind it may differ from node to node: {UseExpect}; or write its IP address.");
            Require(founders.Add(address.ToString()), failures,
                $"{nameof(GossipOptions.Seeds)} contains '{seed}' twice, and each founder of the table counts once: take one out, on every node.");
        }
    }

    private static void Require(bool condition, List<string> failures, string failure)
    {
        if (!condition)
        {
            failures.Add(failure);
        }
    }
}

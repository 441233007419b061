using Gossip.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>How a table is asked for, and what is refused before anything starts.</summary>
public sealed class TableOptionsTests
{
    public static TheoryData<string, Action<GossipOptions, TableOptions>> Mistakes => new()
    {
        { "Table.DataDirectory", (_, table) => table.DataDirectory = " " },
        { "Table.Zone", (_, table) => table.Zone = new string('z', 257) },
        { "Table.Zone", (_, table) => table.Zone = null! },
        { "Table.OperationTimeout", (_, table) => table.OperationTimeout = TimeSpan.Zero },
        { "Table.OperationTimeout", (_, table) => table.OperationTimeout = TimeSpan.FromMinutes(2.1) },
        { "Table.VersionFloor", (_, table) => table.VersionFloor = (TableVersionFloor)9 },
        { "Table.Founding", (_, table) => table.Founding = (TableFounding)9 },
        { "Table.Founding", (_, table) => (table.Founding, table.Votes) = (TableFounding.Single, false) },
        { "Table.Founding = Single", (options, _) => Beyond(options) },
        { "Table.Founding = Expect", (options, _) => Beyond(options, "gossip.example") },
        { "Table.Founding = Expect", (options, _) => options.Seeds.Add("localhost") },
        { "'10.0.0.4' twice", (options, _) => Beyond(options, "10.0.0.4:11511", "10.0.0.4") },
        { "'[2001:DB8:0::1]' twice", (options, _) => Beyond(options, "[2001:db8::1]:11511", "[2001:DB8:0::1]") },
        { "Table.Expect is 0", (_, table) => table.Founding = TableFounding.Expect },
        { "more than half", (_, table) => (table.Founding, table.Expect, table.ExpectOf) = (TableFounding.Expect, 2, 4) },
        { "at most all", (_, table) => (table.Founding, table.Expect, table.ExpectOf) = (TableFounding.Expect, 4, 3) },
        { "Table.Expect and Table.ExpectOf count only", (_, table) => (table.Expect, table.ExpectOf) = (2, 3) },
    };

    public static TheoryData<TableFounding, Action<GossipOptions, TableOptions>> Foundings => new()
    {
        { TableFounding.Single, (_, _) => { } },
        { TableFounding.Single, (options, _) => options.BindAddress = "127.0.0.1:0" },
        { TableFounding.Seeds, (options, _) => options.Seeds.Add("127.0.0.1:11511") },
        { TableFounding.Seeds, (options, _) => Beyond(options, "10.0.0.4", "10.0.0.5", "10.0.0.6:7") },
        { TableFounding.Single, (options, table) => { Beyond(options); table.Founding = TableFounding.Single; } },
        { TableFounding.Never, (options, table) => { Beyond(options); table.Founding = TableFounding.Never; } },
        { TableFounding.Never, (options, table) => { Beyond(options, "gossip.example"); table.Votes = false; } },
        { TableFounding.Expect, (options, table) => { Beyond(options, "gossip.example"); (table.Founding, table.Expect, table.ExpectOf) = (TableFounding.Expect, 2, 3); } },
        { TableFounding.Expect, (_, table) => (table.Founding, table.Expect, table.ExpectOf) = (TableFounding.Expect, 1, 1) },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void A_mistake_is_named_with_what_to_set(string text, Action<GossipOptions, TableOptions> mistake)
    {
        var options = With(mistake);
        Assert.Contains(text, Assert.Single(GossipOptionsValidator.Check(options)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Foundings), DisableDiscoveryEnumeration = true)]
    public void Who_founds_follows_from_what_is_set(TableFounding expected, Action<GossipOptions, TableOptions> set)
    {
        var options = With(set);
        Assert.Empty(GossipOptionsValidator.Check(options));
        Assert.Equal(expected, options.Table!.FoundingOf(options.BindAddress?.StartsWith("127.", StringComparison.Ordinal) != false, options.Seeds.Count > 0));
    }

    [Fact]
    public void Without_a_table_nothing_is_said_about_founding()
    {
        GossipOptions options = new();
        Beyond(options);
        Assert.Empty(GossipOptionsValidator.Check(options));
    }

    [Fact]
    public void All_of_it_binds_from_configuration()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gossip:Table:DataDirectory"] = "data",
            ["Gossip:Table:Votes"] = "false",
            ["Gossip:Table:Zone"] = "eu-1",
            ["Gossip:Table:Founding"] = "Expect",
            ["Gossip:Table:Expect"] = "2",
            ["Gossip:Table:ExpectOf"] = "3",
            ["Gossip:Table:OperationTimeout"] = "00:00:07",
            ["Gossip:Table:VersionFloor"] = "Clock",
        });
        builder.UseGossipClustering();
        using var host = builder.Build();

        var table = host.Services.GetRequiredService<IOptions<GossipOptions>>().Value.Table!;
        Assert.Equal(("data", false, "eu-1"), (table.DataDirectory, table.Votes, table.Zone));
        Assert.Equal((TableFounding.Expect, 2, 3), (table.Founding, table.Expect, table.ExpectOf));
        Assert.Equal((TimeSpan.FromSeconds(7), TableVersionFloor.Clock), (table.OperationTimeout, table.VersionFloor));
    }

    [Fact]
    public void Without_its_section_there_is_no_table()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseGossipClustering();
        using var host = builder.Build();
        Assert.Null(host.Services.GetRequiredService<IOptions<GossipOptions>>().Value.Table);
    }

    private static GossipOptions With(Action<GossipOptions, TableOptions> set)
    {
        GossipOptions options = new() { Table = new TableOptions() };
        set(options, options.Table);
        return options;
    }

    private static void Beyond(GossipOptions options, params string[] seeds)
    {
        (options.BindAddress, options.AllowPlaintext) = ("0.0.0.0:11511", true);
        Array.ForEach(seeds, options.Seeds.Add);
    }
}

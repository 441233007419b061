using System.Net;
using System.Net.Sockets;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>How nodes find each other.</summary>
public class FormationTests
{
    /// <summary>Where nodes without options listen.</summary>
    private static readonly int[] DeveloperPorts = [.. Enumerable.Range(GossipAddress.DefaultPort, 16)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_nodes_see_each_other_with_tags_metadata_and_version()
    {
        await using var cluster = new LocalCluster();
        for (var i = 0; i < 3; i++)
        {
            var number = i;
            await cluster.AddAsync(options =>
            {
                options.Tags.Add($"tag-{number}");
                options.Metadata["number"] = $"{number}";
                options.ApplicationVersion = $"{number}.0";
            });
        }

        await cluster.FormedAsync();
        await cluster.UntilAllAsync(node => cluster.Nodes.Select((other, i) => (Member: LocalCluster.Sees(node, other), i)).All(item =>
            item.Member.HasTag($"tag-{item.i}")
            && item.Member.Metadata.TryGetValue("number", out MetadataValue value) && value.Equals($"{item.i}")
            && item.Member.ApplicationVersion == $"{item.i}.0"));
        var view = cluster.Nodes.First().View;
        Assert.Equal(3, view.Members.Length);
        Assert.Single(view.Members, member => member.IsLocal);
        Assert.Equal(cluster.Nodes.Select(node => node.Id).Order(), view.Present.Select(member => member.Id));
    }

    /// <summary>The cluster has a name of its own, because others on this machine may start nodes without a word, too.</summary>
    [Fact]
    public async Task Nodes_that_are_told_nothing_find_each_other()
    {
        await using var cluster = new LocalCluster();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.AddAsync(new GossipOptions { ClusterName = cluster.Name, Profile = GossipProfile.Local })));
        }
        catch (GossipBindException e) when (DeveloperPorts.All(IsTaken))
        {
            Skipping.Because($"Others on this machine use all ports that nodes without options may take. {e.Message}");
        }

        await cluster.FormedAsync();
        Assert.All(cluster.Nodes, node => Assert.Contains(node.View.Local.Address.Port, DeveloperPorts));
    }

    [Fact]
    public async Task A_node_that_advertises_another_address_than_it_binds_is_reached_there()
    {
        await using var cluster = new LocalCluster();
        await cluster.AddAsync();
        var hidden = await cluster.AddAsync(options =>
        {
            options.BindAddress = "0.0.0.0:0";
            options.AdvertiseAddress = "127.0.0.1:0";
            options.AllowPlaintext = true;
        });
        await cluster.AddAsync();
        await cluster.FormedAsync();

        Assert.True(hidden.RuntimeOrNull!.Transport.LocalEndpoint.IsUnspecified);
        Assert.All(cluster.Nodes, node => Assert.Equal($"127.0.0.1:{hidden.RuntimeOrNull!.Transport.LocalEndpoint.Port}", LocalCluster.Sees(node, hidden).Address.ToString()));
        Assert.Equal(NodeId.Derive(cluster.Name, LocalCluster.Address(hidden)), hidden.Id);
    }

    [Fact]
    public async Task A_node_whose_seed_starts_later_comes_to_it_by_itself()
    {
        await using var cluster = new LocalCluster();
        var later = await cluster.AddAsync();
        var address = LocalCluster.Address(later);
        await later.DisposeAsync();
        var early = await cluster.AddAsync(cluster.Options(options => options.Seeds.Add(address)));
        Assert.Equal(MemberState.Alive, early.View.Local.State);

        var second = await cluster.AddAsync(cluster.Options(options => options.BindAddress = address));
        await Awaiting.UntilAsync(() => LocalCluster.Sees(early, second).State == MemberState.Alive && LocalCluster.Sees(second, early).State == MemberState.Alive);
    }

    [Fact]
    public async Task A_start_with_a_seed_that_no_name_server_knows_fails_unless_that_is_allowed()
    {
        await using var cluster = new LocalCluster();
        var options = cluster.Options(options => options.Seeds.Add("no-such-host.invalid"));
        var error = await Assert.ThrowsAsync<SeedUnresolvableException>(() => GossipNode.StartAsync(options, cancellationToken: Token));
        Assert.Contains("no-such-host.invalid", error.Message, StringComparison.Ordinal);

        options.SeedsMustResolve = false;
        Assert.Equal(MemberState.Alive, (await cluster.AddAsync(options)).View.Local.State);
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}

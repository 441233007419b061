using Gossip.Hosting;
using Xunit;

namespace Gossip.Tests.Hosting;

public sealed class GossipOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(GossipOptionsValidator.Check(new GossipOptions()));

    [Theory]
    [InlineData("10.0.0.4:11511")]
    [InlineData("0.0.0.0:11511")]
    [InlineData("[::]:11511")]
    [InlineData("node.example:11511")]
    public void Beyond_loopback_plaintext_must_be_allowed_in_so_many_words(string bind)
    {
        var options = new GossipOptions { BindAddress = bind };
        var failure = Assert.Single(GossipOptionsValidator.Check(options));
        Assert.Contains("AllowPlaintext = true", failure, StringComparison.Ordinal);

        options.AllowPlaintext = true;
        Assert.Empty(GossipOptionsValidator.Check(options));
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.1.2.3:7000")]
    [InlineData("[::1]:11511")]
    [InlineData("localhost")]
    public void Loopback_needs_no_permission(string bind) =>
        Assert.Empty(GossipOptionsValidator.Check(new GossipOptions { BindAddress = bind }));

    [Fact]
    public void A_seed_that_could_never_reach_a_loopback_node_is_pointed_out()
    {
        var failure = Assert.Single(GossipOptionsValidator.Check(new GossipOptions { Seeds = { "10.0.0.4" } }));
        Assert.Contains("could not reach this node", failure, StringComparison.Ordinal);
        Assert.Contains("BindAddress", failure, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<GossipOptions>> Mistakes => new()
    {
        { "ClusterName", options => options.ClusterName = "" },
        { "ClusterName", options => options.ClusterName = new string('x', 129) },
        { "ServiceId", options => options.ServiceId = new string('x', 129) },
        { "ClusterName", options => options.ClusterName = "orders\0eu" },
        { "ClusterName", options => options.ClusterName = "orders\n" },
        { "ClusterName", options => options.ClusterName = "orders\u0085" },
        { "ClusterName", options => options.ClusterName = "orders\ud800" },
        { "ServiceId", options => options.ServiceId = "eu\0" },
        { "ServiceId", options => options.ServiceId = "\udc00eu" },
        { "NodeId", options => options.NodeId = "node-1" },
        { "NodeId", options => options.NodeId = new string('0', 32) },
        { "BindAddress", options => options.BindAddress = "127.0.0.1:99999" },
        { "AdvertiseAddress", options => options.AdvertiseAddress = "host:port" },
        { "Seeds", options => options.Seeds.Add("ftp://10.0.0.4/gossip") },
        { "BindAddress", options => options.BindAddress = "ws://127.0.0.1/gossip" },
        { "SeedsFile", options => options.SeedsFile = " " },
        { "SeedProviders", options => options.SeedProviders.Add(null!) },
        { "DnsServers", options => options.DnsServers.Add("dns.example") },
        { "DnsServers", options => options.DnsServers.Add("10.1") },
        { "DnsServers", options => options.DnsServers.Add(null!) },
        { "Seeds", options => options.Seeds.Add("") },
        { "Tags", options => options.Tags.Add("") },
        { "Tags", options => options.Tags.Add(new string('x', 257)) },
        { "Metadata", options => options.Metadata[""] = "x" },
        { "ApplicationVersion", options => options.ApplicationVersion = new string('x', 257) },
        { "MaxDatagramSize", options => options.MaxDatagramSize = 575 },
        { "MaxDatagramSize", options => options.MaxDatagramSize = 65_508 },
        { "MaxMembers", options => options.MaxMembers = 1 },
        { "MaxMetadataBytes", options => options.MaxMetadataBytes = 1023 },
        { "StopTimeout", options => options.StopTimeout = TimeSpan.Zero },
        { "StopTimeout", options => options.StopTimeout = TimeSpan.FromHours(2) },
        { "HandlerQueue", options => options.Messaging.HandlerQueue = -1 },
        { "Streaming", options => options.Streaming = null! },
        { "MaxStreams", options => options.Streaming.MaxStreams = 0 },
        { "MaxStreamsPerPeer", options => options.Streaming.MaxStreamsPerPeer = 0 },
        { "Window", options => options.Streaming.Window = 1023 },
        { "Window", options => options.Streaming.Window = (64 << 20) + 1 },
        { "SendBuffer", options => options.Streaming.SendBuffer = 0 },
        { "BroadcastWindow", options => options.Messaging.BroadcastWindow = TimeSpan.FromMilliseconds(999) },
        { "BroadcastWindow", options => options.Messaging.BroadcastWindow = TimeSpan.FromMinutes(11) },
        { "BroadcastBytes", options => options.Messaging.BroadcastBytes = GossipMessaging.MaxMessageSize },
        { "Profile", options => options.Profile = (GossipProfile)17 },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void A_mistake_is_named_by_its_option(string option, Action<GossipOptions> mistake)
    {
        var options = new GossipOptions();
        mistake(options);
        var failure = Assert.Single(GossipOptionsValidator.Check(options));
        Assert.Contains(option, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_two_ways_nor_a_provider_say_who_founds_a_table()
    {
        var byUrl = new GossipOptions { Table = new TableOptions(), Seeds = { "ws://127.0.0.1:7000/gossip" } };
        Assert.Empty(GossipOptionsValidator.Check(byUrl));
        byUrl.Seeds.Add("127.0.0.1:7001|ws://127.0.0.1:7002/gossip");
        Assert.Contains("'127.0.0.1:7001|ws://127.0.0.1:7002/gossip'", Assert.Single(GossipOptionsValidator.Check(byUrl)), StringComparison.Ordinal);

        var byProvider = new GossipOptions { Table = new TableOptions(), SeedsFile = "seeds" };
        Assert.Contains("nothing says who makes the cluster's table", Assert.Single(GossipOptionsValidator.Check(byProvider)), StringComparison.Ordinal);
        byProvider.Table.Founding = TableFounding.Single;
        Assert.Empty(GossipOptionsValidator.Check(byProvider));
    }

    [Fact]
    public async Task A_start_lists_all_mistakes_at_once_and_opens_nothing()
    {
        var options = new GossipOptions { ClusterName = "", NodeId = "x", BindAddress = "127.0.0.1:0" };
        var error = await Assert.ThrowsAsync<GossipOptionsException>(
            () => GossipNode.StartAsync(options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(2, error.Failures.Count);
        Assert.Contains("ClusterName", error.Message, StringComparison.Ordinal);
        Assert.Contains("NodeId", error.Message, StringComparison.Ordinal);
    }
}

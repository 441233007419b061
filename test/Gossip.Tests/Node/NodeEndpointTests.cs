using System.Net;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public class NodeEndpointTests
{
    private const ushort Port = 11511;

    [Theory]
    [InlineData("10.0.0.1", true, false, false)]
    [InlineData("127.8.9.1", true, true, false)]
    [InlineData("0.0.0.0", true, false, true)]
    [InlineData("2001:db8::1", false, false, false)]
    [InlineData("::1", false, true, false)]
    [InlineData("::", false, false, true)]
    [InlineData("::ffff:127.0.0.1", true, true, false)]
    public void Addresses_are_classified(string address, bool ipv4, bool loopback, bool unspecified)
    {
        var endpoint = NodeEndpoint.From(IPAddress.Parse(address), Port);

        Assert.Equal((ipv4, loopback, unspecified), (endpoint.IsIpv4, endpoint.IsLoopback, endpoint.IsUnspecified));
        Assert.False(endpoint.IsNone);
    }

    [Theory]
    [InlineData("10.0.0.1:11511")]
    [InlineData("[2001:db8::1]:11511")]
    public void An_endpoint_survives_the_way_to_the_system_and_back(string text)
    {
        var endpoint = NodeEndpoint.From(IPEndPoint.Parse(text));

        Assert.Equal(text, endpoint.ToString());
        Assert.Equal(endpoint, NodeEndpoint.From(endpoint.ToIPEndPoint()));
    }

    [Fact]
    public void Ipv4_and_its_ipv6_mapping_are_one_endpoint() =>
        Assert.Equal(NodeEndpoint.From(IPAddress.Parse("10.0.0.1"), Port), NodeEndpoint.From(IPAddress.Parse("::ffff:10.0.0.1"), Port));

    [Theory]
    [InlineData("10.0.0.1:1|ws://a/x", "10.0.0.1:1", true)]
    [InlineData("10.0.0.1:1|ws://a/x", "ws://a/x", true)]
    [InlineData("10.0.0.1:1|ws://a/x", "10.0.0.2:1|ws://a/x", true)]
    [InlineData("10.0.0.1:1|ws://a/x", "10.0.0.1:2|ws://b/x", false)]
    [InlineData("ws://a/x", "wss://a/x", false)]
    [InlineData("ws://a/x", "10.0.0.1:1", false)]
    public void Who_shares_a_way_is_one_node(string one, string other, bool shares)
    {
        Assert.Equal(shares, Endpoint(one).SharesWayWith(Endpoint(other)));
        Assert.Equal(shares, Endpoint(other).SharesWayWith(Endpoint(one)));
        Assert.False(NodeEndpoint.Nowhere.SharesWayWith(NodeEndpoint.Nowhere));
    }

    private static NodeEndpoint Endpoint(string text)
    {
        var address = GossipAddress.Parse(text);
        return address.HasSocket ? NodeEndpoint.From(address.Ip!, (ushort)address.Port) with { Web = address.Web } : NodeEndpoint.From(address.Web!);
    }

    [Fact]
    public void The_default_value_is_no_endpoint()
    {
        Assert.True(default(NodeEndpoint).IsNone);
        Assert.False(NodeEndpoint.From(IPAddress.Any, Port).IsNone);
    }
}

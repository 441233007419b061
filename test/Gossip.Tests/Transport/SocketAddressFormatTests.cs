using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class SocketAddressFormatTests
{
    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("2001:db8::1234:5678")]
    [InlineData("::1")]
    [InlineData("::ffff:10.1.2.3")]
    public void Reads_what_the_system_writes(string text)
    {
        var expected = new IPEndPoint(IPAddress.Parse(text), 0xABCD);

        Assert.True(SocketAddressFormat.TryRead(expected.Serialize(), out var endpoint));
        Assert.Equal(NodeEndpoint.From(expected), endpoint);
    }

    [Theory]
    [InlineData("10.1.2.3", AddressFamily.InterNetwork)]
    [InlineData("10.1.2.3", AddressFamily.InterNetworkV6)]
    [InlineData("2001:db8::1", AddressFamily.InterNetworkV6)]
    public void Builds_the_form_that_a_socket_of_a_family_takes(string text, AddressFamily family)
    {
        var endpoint = NodeEndpoint.From(IPAddress.Parse(text), 7000);

        var address = SocketAddressFormat.Create(endpoint, family);

        Assert.Equal(family, address.Family);
        Assert.True(SocketAddressFormat.TryRead(address, out var again));
        Assert.Equal(endpoint, again);
    }

    [Fact]
    public void Refuses_other_families_and_short_addresses()
    {
        Assert.False(SocketAddressFormat.TryRead(new SocketAddress(AddressFamily.Unix), out _));
        Assert.False(SocketAddressFormat.TryRead(new SocketAddress(AddressFamily.InterNetwork, 4), out _));
        Assert.False(SocketAddressFormat.TryRead(new SocketAddress(AddressFamily.InterNetworkV6, 16), out _));
    }
}

using System.Net;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

public class EndpointFormatTests
{
    [Theory]
    [InlineData("10.0.0.1", 11511, "0a0000012cf7")]
    [InlineData("255.255.255.255", 65535, "ffffffffffff")]
    [InlineData("2001:db8::2", 1, "20010db80000000000000000000000020001")]
    [InlineData("::ffff:10.0.0.1", 11511, "0a0000012cf7")]
    public void Endpoints_are_in_network_byte_order(string address, ushort port, string hex)
    {
        var endpoint = NodeEndpoint.From(IPAddress.Parse(address), port);
        var bytes = new byte[EndpointFormat.MaxSize];
        var size = EndpointFormat.Write(endpoint, bytes);

        Assert.Equal(hex, Convert.ToHexStringLower(bytes.AsSpan(0, size)));
        Assert.True(EndpointFormat.TryRead(bytes.AsSpan(0, size), out var read));
        Assert.Equal(endpoint, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0a0000012c")]
    [InlineData("0a0000012cf700")]
    [InlineData("0a0000010000")]
    [InlineData("000000002cf7")]
    [InlineData("000000000000000000000000000000002cf7")]
    [InlineData("20010db8000000000000000000000002000100")]
    public void What_cannot_be_dialled_is_refused(string hex) =>
        Assert.False(EndpointFormat.TryRead(Convert.FromHexString(hex), out _));
}

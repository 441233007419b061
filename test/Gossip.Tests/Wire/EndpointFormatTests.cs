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
    [InlineData(null, "wss://a.example/x", "007773733a2f2f612e6578616d706c652f7800")]
    [InlineData(null, "http://a.example/xy", "00687474703a2f2f612e6578616d706c652f787900")]
    [InlineData("10.0.0.1:11511", "ws://b:80/gossip", "060a0000012cf777733a2f2f622f676f73736970")]
    [InlineData("[2001:db8::2]:1", "ws://b:81/", "1220010db800000000000000000000000200017773" + "3a2f2f623a38312f")]
    public void A_web_address_makes_the_length_odd(string? socket, string url, string hex)
    {
        Assert.True(WebAddress.TryParse(url, out var web, out _));
        var endpoint = (socket is null ? default : NodeEndpoint.From(IPEndPoint.Parse(socket))) with { Web = web };
        var bytes = new byte[EndpointFormat.MaxSize];
        var size = EndpointFormat.Write(endpoint, bytes);

        Assert.Equal(hex + (hex.Length / 2 % 2 == 0 ? "00" : ""), Convert.ToHexStringLower(bytes.AsSpan(0, size)));
        Assert.True(EndpointFormat.TryRead(bytes.AsSpan(0, size), out var read));
        Assert.Equal(endpoint, read);
        Assert.Equal(socket is not null, read.HasSocket);
    }

    [Theory]
    [InlineData("ftp://a/", "scheme 'ftp'")]
    [InlineData("ws://user:secret@a/", "tokens are options")]
    [InlineData("ws://a/?token=secret", "'?'")]
    [InlineData("ws://a:0/", "port 0")]
    [InlineData("/gossip", "")]
    public void A_web_address_that_cannot_be_dialled_is_refused(string text, string why)
    {
        Assert.False(WebAddress.TryParse(text, out _, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.False(EndpointFormat.TryRead([0, .. System.Text.Encoding.UTF8.GetBytes(text), .. text.Length % 2 == 0 ? (byte[])[] : [0]], out _));
    }

    [Fact]
    public void The_longest_web_address_fits()
    {
        var longest = "wss://a.example/" + new string('x', WebAddress.MaxSize - "wss://a.example/".Length);
        Assert.True(WebAddress.TryParse(longest, out var web, out _));
        Assert.False(WebAddress.TryParse(longest + "x", out _, out _));

        var endpoint = NodeEndpoint.From(IPAddress.IPv6Loopback, 1) with { Web = web };
        var bytes = new byte[EndpointFormat.MaxSize];
        Assert.True(EndpointFormat.TryRead(bytes.AsSpan(0, EndpointFormat.Write(endpoint, bytes)), out var read));
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

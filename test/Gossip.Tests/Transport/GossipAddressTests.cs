using System.Net;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class GossipAddressTests
{
    [Theory]
    [InlineData("10.0.0.4:7000", "10.0.0.4", 7000, "10.0.0.4:7000")]
    [InlineData("10.0.0.4", "10.0.0.4", 11511, "10.0.0.4:11511")]
    [InlineData(" 10.0.0.4:1 ", "10.0.0.4", 1, "10.0.0.4:1")]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535, "[2001:db8::1]:65535")]
    [InlineData("[::1]", "::1", 11511, "[::1]:11511")]
    [InlineData("[2001:DB8:0:0::1]:1", "2001:db8::1", 1, "[2001:db8::1]:1")]
    [InlineData("[::ffff:10.0.0.4]:1", "10.0.0.4", 1, "10.0.0.4:1")]
    [InlineData("Node-1.Example:7000", "node-1.example", 7000, "node-1.example:7000")]
    [InlineData("node_1", "node_1", 11511, "node_1:11511")]
    [InlineData("localhost.", "localhost.", 11511, "localhost.:11511")]
    [InlineData("10.example", "10.example", 11511, "10.example:11511")]
    public void Reads_what_people_write(string text, string host, int port, string canonical)
    {
        var address = GossipAddress.Parse(text);

        Assert.Equal(host, address.Host);
        Assert.Equal(port, address.Port);
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(address, GossipAddress.Parse(canonical));
        Assert.True(GossipAddress.TryParse(text, out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData(":7000", "host is empty")]
    [InlineData("node:", "port after ':' is missing")]
    [InlineData("node:0", "port 0 is out of range (1 to 65535)")]
    [InlineData("node:65536", "port 65536 is out of range")]
    [InlineData("node:99999999999999999999", "out of range")]
    [InlineData("node:-1", "port '-1' is not a number")]
    [InlineData("node:http", "port 'http' is not a number")]
    [InlineData("node:+80", "not a number")]
    [InlineData("2001:db8::1", "needs brackets, as in [2001:db8::1]:11511")]
    [InlineData("::", "needs brackets")]
    [InlineData("a:b:c", "more than one ':'")]
    [InlineData("[::1", "closing ']'")]
    [InlineData("[::1]7000", "may follow ']'")]
    [InlineData("[10.0.0.4]:7000", "not an IPv6 address")]
    [InlineData("[]:7000", "not an IPv6 address")]
    [InlineData("[fe80::1%eth0]:7000", "zone")]
    [InlineData("10.0.0.256:7000", "not an IPv4 address")]
    [InlineData("10.0.0", "not an IPv4 address")]
    [InlineData("010.0.0.1", "not an IPv4 address")]
    [InlineData("7000", "not an IPv4 address")]
    [InlineData("0.0.0.0:7000", "not dialled")]
    [InlineData("[::]:7000", "not dialled")]
    [InlineData("no de", "character ' '")]
    [InlineData("*:7000", "character '*'")]
    [InlineData("nöde", "character 'ö'")]
    [InlineData("a..b", "between dots is empty")]
    [InlineData("srv+gossip.example", "SRV names ('srv+name') are not supported by this version yet")]
    [InlineData("srv+https://gossip.example/x", "not supported by this version yet")]
    [InlineData("http://node:80/gossip", "HTTP addresses are not supported by this version yet")]
    [InlineData("https://node", "HTTP addresses are not supported by this version yet")]
    [InlineData("ws://node:0/gossip", "port 0 cannot be dialled")]
    [InlineData("wss://user:secret@node", "tokens are options")]
    [InlineData("wss://node/gossip?token=x", "has no meaning")]
    [InlineData("10.0.0.4:7000|ws://node", "several ways to one node ('a|b') are not supported by this version yet")]
    [InlineData("tcp://node:7000", "the scheme 'tcp://' is unknown; leave it out")]
    public void Refuses_with_words_that_help(string text, string problem)
    {
        var error = Assert.Throws<GossipAddressException>(() => GossipAddress.Parse(text));

        Assert.IsAssignableFrom<GossipException>(error);
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("10.0.0.4:11511", error.Message, StringComparison.Ordinal);
        Assert.False(GossipAddress.TryParse(text, out var address));
        Assert.Null(address);
    }

    [Fact]
    public void Refuses_names_that_dns_cannot_hold_and_does_not_repeat_a_whole_file()
    {
        Assert.False(GossipAddress.TryParse(new string('a', 64), out _));
        Assert.False(GossipAddress.TryParse(string.Join('.', Enumerable.Repeat(new string('a', 63), 5)), out _));
        Assert.False(GossipAddress.TryParse(null, out _));
        var error = Assert.Throws<GossipAddressException>(() => GossipAddress.Parse(new string('a', 100_000)));
        Assert.True(error.Message.Length < 1000);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData("127.0.0.1:0")]
    public void A_bind_address_may_leave_host_and_port_open(string text) => Assert.Equal(text, GossipAddress.ParseBind(text).ToString());

    [Fact]
    public void Random_text_never_throws_from_try_parse()
    {
        const string alphabet = "[]:.%|+/0123456789abcz_-* \0é";
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            if (GossipAddress.TryParse(text, out var address))
            {
                Assert.Equal(address, GossipAddress.Parse(address.ToString()));
                Assert.InRange(address.Port, 1, IPEndPoint.MaxPort);
            }
        }
    }

    [Theory]
    [InlineData("ws://node:80/gossip", "ws://node/gossip", "node", 80)]
    [InlineData("WSS://Node.example:8443/a/b", "wss://node.example:8443/a/b", "node.example", 8443)]
    public async Task A_url_is_an_address_as_it_is(string text, string spelled, string host, int port)
    {
        var address = GossipAddress.Parse(text);
        Assert.Equal((spelled, host, port), (address.ToString(), address.Host, address.Port));
        var endpoint = Assert.Single(await new SeedResolver().ResolveAsync(address, TestContext.Current.CancellationToken));
        Assert.Equal((false, spelled), (endpoint.HasSocket, endpoint.ToString()));
        Assert.Throws<GossipAddressException>(() => GossipAddress.ParseBind(text));
    }
}

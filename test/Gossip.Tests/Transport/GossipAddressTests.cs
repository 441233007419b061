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
    [InlineData("ws://Node-1.Example/gossip", "node-1.example", 80, "ws://node-1.example/gossip")]
    [InlineData("wss://node-1:7000/a/b", "node-1", 7000, "wss://node-1:7000/a/b")]
    [InlineData("HTTP://10.0.0.4", "10.0.0.4", 80, "http://10.0.0.4/")]
    [InlineData("https://[2001:db8::1]:8443/gossip", "2001:db8::1", 8443, "https://[2001:db8::1]:8443/gossip")]
    [InlineData("https://node_1:443/x", "node_1", 443, "https://node_1/x")]
    [InlineData("10.0.0.4|WSS://node-1.example/gossip", "10.0.0.4", 11511, "10.0.0.4:11511|wss://node-1.example/gossip")]
    [InlineData("http://node-1/x | [2001:db8::1]:7000", "2001:db8::1", 7000, "[2001:db8::1]:7000|http://node-1/x")]
    [InlineData("node-1:443|https://node-1/", "node-1", 443, "node-1:443|https://node-1/")]
    [InlineData("srv+_gossip._tcp.Example", "_gossip._tcp.example", 0, "srv+_gossip._tcp.example")]
    [InlineData("SRV+name.", "name.", 0, "srv+name.")]
    [InlineData("srv+https://Gossip.Example/x", "gossip.example", 0, "srv+https://gossip.example/x")]
    [InlineData("srv+ws://gossip", "gossip", 0, "srv+ws://gossip/")]
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
    [InlineData("srv+", "the name after 'srv+' is missing")]
    [InlineData("srv+gossip.example:7000", "DNS says the port of a service")]
    [InlineData("srv+10.0.0.4", "DNS has no services of IP addresses")]
    [InlineData("srv+a..b", "between dots is empty")]
    [InlineData("srv+https://gossip.example:8443/x", "DNS says the port of a service; leave it out")]
    [InlineData("srv+https://[::1]/x", "DNS has no services of IP addresses")]
    [InlineData("srv+srv+name", "character '+'")]
    [InlineData("srv+ftp://name", "the scheme 'ftp://' is unknown")]
    [InlineData("http://", "the host is empty")]
    [InlineData("http:///x", "the host is empty")]
    [InlineData("http://node:0/x", "port 0 is out of range (1 to 65535)")]
    [InlineData("http://node:99999/x", "out of range")]
    [InlineData("ws://010.0.0.1/x", "not an IPv4 address")]
    [InlineData("ws://0.0.0.0/x", "not dialled")]
    [InlineData("ws://nöde/x", "character 'ö'")]
    [InlineData("wss://user:secret@node/x", "tokens are options")]
    [InlineData("wss://node/x?token=1", "'?' or '#' part has no meaning")]
    [InlineData("wss://node/x#y", "'?' or '#' part has no meaning")]
    [InlineData("https://[fe80::1%eth0]/x", "zone")]
    [InlineData("10.0.0.4:7000|10.0.0.5:7000", "'|' joins two ways to one node")]
    [InlineData("ws://node|wss://node", "'|' joins two ways to one node")]
    [InlineData("10.0.0.4|ws://node|http://node", "'|' joins two ways to one node")]
    [InlineData("|ws://node", "a way beside '|' is empty")]
    [InlineData("10.0.0.4:x|ws://node", "the port 'x' is not a number")]
    [InlineData("srv+name|ws://node", "'srv+' stands for many nodes")]
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

    [Theory]
    [InlineData("ws://127.0.0.1:80/x")]
    [InlineData("127.0.0.1:80|ws://127.0.0.1:80/x")]
    [InlineData("srv+name")]
    public void A_bind_address_is_a_host_and_a_port(string text)
    {
        var error = Assert.Throws<GossipAddressException>(() => GossipAddress.ParseBind(text));
        Assert.Contains("only an IP address or a host name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_tells_services_from_nodes_and_ways_from_each_other()
    {
        Assert.True(GossipAddress.Parse("srv+name").IsService);
        Assert.True(GossipAddress.Parse("srv+https://name/x").IsService);
        Assert.False(GossipAddress.Parse("https://name/x").IsService);
        Assert.False(GossipAddress.Parse("https://10.0.0.4/x").HasSocket);
        Assert.Null(GossipAddress.Parse("https://10.0.0.4/x").Ip);
        Assert.True(GossipAddress.Parse("10.0.0.4|https://10.0.0.4/x").HasSocket);
        Assert.NotEqual(GossipAddress.Parse("node:443|https://node/"), GossipAddress.Parse("https://node/"));
        Assert.NotEqual(GossipAddress.Parse("srv+https://node/x"), GossipAddress.Parse("srv+https://node/y"));
    }

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

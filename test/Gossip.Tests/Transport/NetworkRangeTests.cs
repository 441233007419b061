using System.Net;
using Gossip.Hosting;
using Gossip.Tests.Hostile;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class NetworkRangeTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.1.2", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("192.168.1.128/25", "192.168.1.127", false)]
    [InlineData("192.168.1.128/25", "192.168.1.128", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("0.0.0.0/0", "203.0.113.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "203.0.113.7", true)]
    [InlineData("fd00::/8", "fdab::7", true)]
    [InlineData("fd00::/8", "fe80::7", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("2001:db8::1/128", "2001:db8::2", false)]
    public void A_network_contains_its_addresses_and_no_others(string network, string address, bool expected) =>
        Assert.Equal(expected, NetworkRange.Parse(network).Contains(NodeEndpoint.From(IPAddress.Parse(address), 7)));

    [Theory]
    [InlineData("", "is no network")]
    [InlineData("example.org/8", "host name")]
    [InlineData("10.0.0.0/", "0 to 32")]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/-1", "0 to 32")]
    [InlineData("fd00::/129", "0 to 128")]
    [InlineData("fe80::1%3/64", "zone")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("fd00::1/8", "fd00::/8")]
    public void What_is_no_network_is_refused_with_what_to_write(string network, string hint)
    {
        Assert.Contains(hint, Assert.Throws<GossipAddressException>(() => NetworkRange.Parse(network)).Message, StringComparison.Ordinal);
        var failure = Assert.Single(GossipOptionsValidator.Check(new GossipOptions { AllowedNetworks = { network } }));
        Assert.StartsWith("AllowedNetworks: ", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_a_network_or_refused()
    {
        var taken = 0;
        foreach (var text in MutatedText.Of("10.0.0.0/8", "192.168.1.128/25", "fd00::/8", "2001:db8::1", "::ffff:10.0.0.0/104", "127.0.0.1"))
        {
            try
            {
                var range = NetworkRange.Parse(text);
                Assert.True(range.Contains(new NodeEndpoint(range.Prefix, 1)));
                taken++;
            }
            catch (GossipAddressException)
            {
                // What most of them are.
            }
        }

        Assert.True(taken > 100, $"{taken} networks");
    }
}

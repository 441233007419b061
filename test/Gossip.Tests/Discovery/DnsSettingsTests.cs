using Gossip.Discovery.Dns;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class DnsSettingsTests
{
    [Fact]
    public void A_resolv_conf_is_read_as_the_c_library_reads_it()
    {
        var settings = DnsSettings.Parse("""
            # nameserver 9.9.9.9
            ; nameserver 9.9.9.8
            domain first.example
            nameserver 10.96.0.10
            nameserver	2001:db8::53
            nameserver not.an.address
            nameserver 10.0.0.3
            nameserver 10.0.0.4
            search default.svc.Cluster.local svc.cluster.local.
            options ndots:5 edns0 timeout:7 attempts:3
            """);
        Assert.Equal(["10.96.0.10:53", "[2001:db8::53]:53", "10.0.0.3:53"], settings.Servers.Select(server => server.ToString()));
        Assert.Equal(["default.svc.cluster.local", "svc.cluster.local"], settings.Domains);
        Assert.Equal((5, 3, TimeSpan.FromSeconds(7)), (settings.Dots, settings.Attempts, settings.Timeout));
    }

    [Fact]
    public void Nothing_means_a_server_on_this_machine_and_odd_values_are_kept_in_bounds()
    {
        Assert.Equal("127.0.0.1:53", Assert.Single(DnsSettings.Parse("").Servers).ToString());
        var odd = DnsSettings.Parse("options timeout:0 attempts:900 ndots:900 ndots: :1 timeout:-1");
        Assert.Equal((15, 5, TimeSpan.FromSeconds(1)), (odd.Dots, odd.Attempts, odd.Timeout));
    }

    [Fact]
    public void This_machine_has_settings() => Assert.NotEmpty(SystemDns.Read().Servers);

    [Theory]
    [InlineData("a", "a.x", "a.y", "a")]
    [InlineData("A.b", "a.b.x", "a.b.y", "a.b")]
    [InlineData("a.b.c", "a.b.c", "a.b.c.x", "a.b.c.y")]
    [InlineData("a.", "a")]
    public void Short_names_are_searched_first_and_long_ones_taken_first(string name, params string[] candidates) =>
        Assert.Equal(candidates, new DnsSettings { Domains = ["x", "y"], Dots = 2 }.Candidates(name));

    [Theory]
    [InlineData("10.0.0.2", "10.0.0.2:53")]
    [InlineData("10.0.0.2:8600", "10.0.0.2:8600")]
    [InlineData("[2001:db8::2]:8600", "[2001:db8::2]:8600")]
    [InlineData("2001:db8::2", "[2001:db8::2]:53")]
    [InlineData("dns.example", null)]
    [InlineData("10.1", null)]
    [InlineData("010.0.0.2", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_server_of_the_options_is_an_ip_address(string? text, string? server)
    {
        Assert.Equal(server is not null, DnsSettings.TryParseServer(text, out var read));
        if (server is not null)
        {
            Assert.Equal(server, read.ToString());
        }
    }
}

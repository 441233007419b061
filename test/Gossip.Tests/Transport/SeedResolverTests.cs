using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class SeedResolverTests
{
    [Fact]
    public async Task A_literal_needs_no_lookup()
    {
        var resolver = new SeedResolver((_, _) => throw new InvalidOperationException());

        Assert.Equal(
            [NodeEndpoint.From(IPAddress.Parse("2001:db8::1"), 7000)],
            await resolver.ResolveAsync(GossipAddress.Parse("[2001:db8::1]:7000"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_name_gives_every_address_once_with_ipv4_first_and_is_looked_up_each_time()
    {
        var lookups = 0;
        var resolver = new SeedResolver((host, _) =>
        {
            Assert.Equal("seeds.example", host);
            lookups++;
            string[] found = ["2001:db8::1", "10.0.0.2", "fe80::1", "10.0.0.1", "10.0.0.2"];
            return Task.FromResult(found.Select(IPAddress.Parse).ToArray());
        });

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var endpoints = await resolver.ResolveAsync(GossipAddress.Parse("seeds.example:7000"), TestContext.Current.CancellationToken);
            Assert.Equal(["10.0.0.2:7000", "10.0.0.1:7000", "[2001:db8::1]:7000"], endpoints.Select(endpoint => endpoint.ToString()));
            Assert.Equal(attempt, lookups);
        }
    }

    [Fact]
    public async Task An_unknown_name_says_what_to_check()
    {
        var cause = new SocketException((int)SocketError.HostNotFound);
        var resolver = new SeedResolver((_, _) => Task.FromException<IPAddress[]>(cause));

        var error = await Assert.ThrowsAsync<SeedUnresolvableException>(
            () => resolver.ResolveAsync(GossipAddress.Parse("tpyo.example"), TestContext.Current.CancellationToken).AsTask());

        Assert.Same(cause, error.InnerException);
        Assert.Contains("'tpyo.example'", error.Message, StringComparison.Ordinal);
        Assert.Contains("spelling", error.Message, StringComparison.Ordinal);
        Assert.Contains("DNS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_without_addresses_is_unresolvable_too()
    {
        var resolver = new SeedResolver((_, _) => Task.FromResult<IPAddress[]>([]));

        await Assert.ThrowsAsync<SeedUnresolvableException>(
            () => resolver.ResolveAsync(GossipAddress.Parse("empty.example"), TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task A_lookup_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var resolver = new SeedResolver(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        });

        var resolving = resolver.ResolveAsync(GossipAddress.Parse("slow.example"), stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resolving.InTime());
    }
}

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
    public async Task A_name_gives_every_address_once_with_families_in_turn_and_is_looked_up_each_time()
    {
        var lookups = 0;
        var resolver = new SeedResolver((host, _) =>
        {
            Assert.Equal("seeds.example", host);
            lookups++;
            string[] found = ["2001:db8::1", "2001:db8::2", "10.0.0.2", "fe80::1", "10.0.0.1", "10.0.0.2", "10.0.0.3"];
            return Task.FromResult(found.Select(IPAddress.Parse).ToArray());
        });

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var endpoints = await resolver.ResolveAsync(GossipAddress.Parse("seeds.example:7000"), TestContext.Current.CancellationToken);
            Assert.Equal(["10.0.0.2:7000", "[2001:db8::1]:7000", "10.0.0.1:7000", "[2001:db8::2]:7000", "10.0.0.3:7000"], endpoints.Select(endpoint => endpoint.ToString()));
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

    [Theory]
    [InlineData("https://node/x", "https://node/x")]
    [InlineData("10.0.0.9:7000|wss://node/x", "10.0.0.9:7000|wss://node/x")]
    [InlineData("pair:7000|wss://node/x", "10.0.0.1:7000|wss://node/x", "[2001:db8::1]:7000|wss://node/x")]
    [InlineData("srv+three", "10.0.0.7:1", "[2001:db8::7]:1", "10.0.0.1:2", "[2001:db8::1]:2")]
    [InlineData("srv+https://three/x", "https://told:1/x", "https://pair:2/x", "https://gone:3/x")]
    public async Task Every_format_gives_its_endpoints(string address, params string[] endpoints) =>
        Assert.Equal(endpoints, (await ResolveAsync(address)).Select(endpoint => endpoint.ToString()));

    [Theory]
    [InlineData("srv+nobody", "leads to no node", "the domain says no")]
    [InlineData("srv+gone", "leads to no node", "the target 'gone' has no address")]
    [InlineData("srv+odd", "leads to no node", "cannot be dialled")]
    [InlineData("srv+ws://odd", "leads to no node", "gives no valid URL")]
    public async Task A_service_that_leads_nowhere_says_why(string address, params string[] words)
    {
        var error = await Assert.ThrowsAsync<SeedUnresolvableException>(() => ResolveAsync(address));
        Assert.All(words.Append($"seed '{GossipAddress.Parse(address)}'").Append("dig "), word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<NodeEndpoint>> ResolveAsync(string address)
    {
        var resolver = new SeedResolver(
            (host, _) => host == "pair" ? Task.FromResult<IPAddress[]>([IPAddress.Parse("2001:db8::1"), IPAddress.Parse("10.0.0.1")]) : throw new SocketException((int)SocketError.HostNotFound),
            (name, _) => name switch
            {
                "three" => Targets(new("told", 1, [IPAddress.Parse("10.0.0.7"), IPAddress.Parse("2001:db8::7")]), new("pair", 2, []), new("gone", 3, [])),
                "gone" => Targets(new ServiceTarget("gone", 3, [])),
                "odd" => Targets(new ServiceTarget("o dd", 3, []), new ServiceTarget("pair", 0, [])),
                _ => throw new LookupException("the domain says no"),
            });
        return await resolver.ResolveAsync(GossipAddress.Parse(address), TestContext.Current.CancellationToken);
    }

    private static Task<IReadOnlyList<ServiceTarget>> Targets(params ServiceTarget[] targets) => Task.FromResult<IReadOnlyList<ServiceTarget>>(targets);

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

using System.Net;
using Gossip.Discovery.Dns;
using Gossip.Tests.Messaging;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Discovery;

/// <summary>The client against a server that answers well, badly, late or not at all.</summary>
public sealed class DnsClientTests
{
    private const string Service = "_gossip._tcp.example";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_is_found_with_the_addresses_that_came_beside_and_kept_as_long_as_it_holds()
    {
        await using var server = new FakeDns((query, _) => [DnsBytes.Reply(
            query,
            answers: [DnsBytes.Service(Service, 10, 0, 7002, "two.example", ttl: 30), DnsBytes.Service(Service, 0, 0, 7001, "one.example", ttl: 30)],
            additional: [DnsBytes.Address("one.example", "10.0.0.1"), DnsBytes.Address("one.example", "2001:db8::1"), DnsBytes.Address("three.example", "10.0.0.3")])]);
        var clock = new TestClock();
        var client = Client(clock, server);

        for (var i = 0; i < 3; i++)
        {
            var targets = await client.FindServiceAsync(Service, Token).InTime();
            Assert.Equal(["one.example:7001 10.0.0.1 2001:db8::1", "two.example:7002 "], targets.Select(Text));
        }

        Assert.Equal((Service, DnsBytes.Srv, false), server.Asked.Select(asked => (asked.Name, asked.Type, asked.OverTcp)).Single());
        clock.Advance(TimeSpan.FromSeconds(30));
        _ = await client.FindServiceAsync(Service, Token).InTime();
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task A_cut_answer_is_fetched_over_tcp()
    {
        await using var server = new FakeDns((query, overTcp) => [overTcp ? DnsBytes.Reply(query, answers: [.. Enumerable.Range(1, 500).Select(i => DnsBytes.Service(Service, 0, 1, i, $"n{i}.example"))]) : DnsBytes.Reply(query, isCut: true)]);
        var targets = await Client(TimeProvider.System, server).FindServiceAsync(Service, Token).InTime();
        Assert.Equal(Enumerable.Range(1, 500), targets.Select(target => (int)target.Port).Order());
        Assert.Equal([false, true], server.Asked.Select(asked => asked.OverTcp));
    }

    [Fact]
    public async Task Lies_before_the_answer_change_nothing()
    {
        await using var server = new FakeDns((query, _) =>
        {
            byte[] otherId = [(byte)(query[0] ^ 1), .. query[1..]];
            var lie = DnsBytes.Service(Service, 0, 0, 666, "evil.example");
            return
            [
                [], [1, 2, 3], query, DnsBytes.Reply(otherId, answers: [lie]), DnsBytes.Reply([.. query[..2], .. DnsBytes.Query(0, "other.example", DnsBytes.Srv)[2..]], answers: [lie]),
                DnsBytes.Reply(query, answers: [DnsBytes.Service(Service, 0, 0, 7001, "one.example")]),
            ];
        });
        Assert.Equal("one.example", (await Client(TimeProvider.System, server).FindServiceAsync(Service, Token).InTime()).Single().Host);
    }

    [Fact]
    public async Task A_silent_server_is_passed_over_for_the_next_one_and_ports_differ()
    {
        await using var silent = new FakeDns((_, _) => []);
        await using var server = new FakeDns((query, _) => [DnsBytes.Reply(query, answers: [DnsBytes.Service(Service, 0, 0, 7001, "one.example", ttl: 0)])]);
        var clock = new TestClock();
        var client = Client(clock, silent, server);
        for (var i = 1; i <= 4; i++)
        {
            var finding = client.FindServiceAsync(Service, Token);
            await Awaiting.UntilAsync(() => silent.Asked.Count == i);
            clock.AdvanceToNext();
            Assert.Single(await finding.InTime());
        }

        Assert.True(silent.Asked.Select(asked => asked.Port).Distinct().Count() > 1);
    }

    [Fact]
    public async Task When_nobody_answers_it_says_so_and_the_rest_of_the_search_is_spared()
    {
        await using var silent = new FakeDns((_, _) => []);
        var clock = new TestClock();
        var client = new DnsClient(() => new DnsSettings { Servers = [silent.Endpoint], Domains = ["x", "y"], Attempts = 2 }, clock, 1);
        var finding = client.FindServiceAsync("short", Token);
        for (var i = 1; i <= 2; i++)
        {
            await Awaiting.UntilAsync(() => silent.Asked.Count == i);
            clock.AdvanceToNext();
        }

        var error = await Assert.ThrowsAsync<LookupException>(() => finding.InTime());
        Assert.Contains($"{silent.Endpoint}: it did not answer in time", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, silent.Asked.Count);
    }

    [Theory]
    [InlineData(3, "no such name")]
    [InlineData(0, "has no SRV record")]
    [InlineData(5, "Refused")]
    public async Task What_the_server_says_is_told(int code, string words)
    {
        await using var server = new FakeDns((query, _) => [DnsBytes.Reply(query, code)]);
        var error = await Assert.ThrowsAsync<LookupException>(() => Client(TimeProvider.System, server).FindServiceAsync("gossip.example", Token).InTime());
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aliases_are_followed_also_beyond_one_answer_and_domains_are_searched()
    {
        await using var server = new FakeDns((query, _) => [DnsBytes.Asked(query) switch
        {
            ("short.x", _) => DnsBytes.Reply(query, code: 3),
            ("short.y", _) => DnsBytes.Reply(query, answers: [DnsBytes.Alias("short.y", "middle.example")]),
            ("middle.example", _) => DnsBytes.Reply(query, answers: [DnsBytes.Alias("middle.example", "end.example"), DnsBytes.Service("end.example", 0, 0, 7001, "one.example")]),
            _ => DnsBytes.Reply(query, code: 2),
        }]);
        var client = new DnsClient(() => new DnsSettings { Servers = [server.Endpoint], Domains = ["x", "y"] }, TimeProvider.System, 1);
        Assert.Equal("one.example", (await client.FindServiceAsync("short", Token).InTime()).Single().Host);
        Assert.Equal(["short.x", "short.y", "middle.example"], server.Asked.Select(asked => asked.Name));
    }

    [Fact]
    public async Task Aliases_without_an_end_end()
    {
        await using var server = new FakeDns((query, _) => [DnsBytes.Reply(query, answers: [DnsBytes.Alias(DnsBytes.Asked(query).Name, "x" + DnsBytes.Asked(query).Name)])]);
        var error = await Assert.ThrowsAsync<LookupException>(() => Client(TimeProvider.System, server).FindServiceAsync("a.example", Token).InTime());
        Assert.Contains("alias", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_has_the_addresses_of_both_families_and_one_family_is_enough()
    {
        await using var server = new FakeDns((query, _) => [DnsBytes.Asked(query) switch
        {
            ("both.example", DnsBytes.A) => DnsBytes.Reply(query, answers: [DnsBytes.Address("both.example", "10.0.0.1"), DnsBytes.Address("both.example", "10.0.0.2")]),
            ("both.example", _) => DnsBytes.Reply(query, answers: [DnsBytes.Address("both.example", "2001:db8::1")]),
            ("six.example", DnsBytes.Aaaa) => DnsBytes.Reply(query, answers: [DnsBytes.Address("six.example", "2001:db8::6")]),
            _ => DnsBytes.Reply(query),
        }]);
        var client = Client(TimeProvider.System, server);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "2001:db8::1"], (await client.FindHostAsync("both.example", Token).InTime()).Select(ip => ip.ToString()));
        Assert.Equal(["2001:db8::6"], (await client.FindHostAsync("six.example", Token).InTime()).Select(ip => ip.ToString()));
        await Assert.ThrowsAsync<LookupException>(() => client.FindHostAsync("none.example", Token).InTime());
    }

    [Fact]
    public async Task A_closed_port_is_told_and_a_lookup_can_be_cancelled()
    {
        IPEndPoint closed;
        await using (var gone = new FakeDns((_, _) => []))
        {
            closed = gone.Endpoint;
        }

        var client = new DnsClient(() => new DnsSettings { Servers = [closed], Attempts = 1 }, TimeProvider.System, 1);
        await Assert.ThrowsAsync<LookupException>(() => client.FindServiceAsync(Service, Token).InTime());

        await using var silent = new FakeDns((_, _) => []);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var finding = Client(new TestClock(), silent).FindServiceAsync(Service, stop.Token);
        await Awaiting.UntilAsync(() => !silent.Asked.IsEmpty);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding.InTime());
    }

    private static string Text(ServiceTarget target) => $"{target.Host}:{target.Port} {string.Join(' ', target.Addresses)}";

    private static DnsClient Client(TimeProvider time, params FakeDns[] servers) => new(() => new DnsSettings { Servers = [.. servers.Select(server => server.Endpoint)] }, time, 1);
}

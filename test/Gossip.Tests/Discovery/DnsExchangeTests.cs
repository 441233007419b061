using System.Net;
using Gossip.Discovery.Dns;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class DnsExchangeTests
{
    private static readonly DnsQuestion Question = new("a.example", DnsType.A);
    private static readonly IPEndPoint First = IPEndPoint.Parse("10.0.0.1:53");
    private static readonly IPEndPoint Second = IPEndPoint.Parse("10.0.0.2:53");
    private ushort _id;

    [Fact]
    public void Servers_are_asked_in_turn_with_new_numbers_until_one_answers()
    {
        var exchange = Exchange();
        Assert.Equal(new DnsAttempt(First, 1, OverTcp: false), exchange.Next);
        exchange.OnFailed("it is silent");
        Assert.Equal(new DnsAttempt(Second, 2, OverTcp: false), exchange.Next);
        exchange.OnFailed("it is silent, too");
        Assert.Equal(new DnsAttempt(First, 3, OverTcp: false), exchange.Next);
        Assert.True(exchange.OnReply(Reply(3, DnsBytes.Address("a.example", "10.0.0.9"))));
        Assert.Null(exchange.Next);
        Assert.Equal("10.0.0.9", Assert.Single(exchange.Response!.Answers).Address!.ToString());
    }

    [Fact]
    public void When_all_fail_each_is_named_with_what_went_wrong()
    {
        var exchange = Exchange();
        for (var i = 0; i < 4; i++)
        {
            Assert.NotNull(exchange.Next);
            exchange.OnFailed("it is silent");
        }

        Assert.Null(exchange.Next);
        Assert.Null(exchange.Response);
        Assert.Null(exchange.Refusal);
        Assert.Equal("10.0.0.1:53: it is silent; 10.0.0.2:53: it is silent", exchange.Problem);
    }

    [Fact]
    public void Lies_are_not_believed_and_the_answer_is_waited_for()
    {
        var exchange = Exchange();
        Assert.False(exchange.OnReply(Reply(7, DnsBytes.Address("a.example", "6.6.6.6"))));
        Assert.False(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(1, "b.example", DnsBytes.A), answers: [DnsBytes.Address("a.example", "6.6.6.6")])));
        Assert.False(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(1, "a.example", DnsBytes.Aaaa))));
        Assert.False(exchange.OnReply([1, 2, 3]));
        Assert.NotNull(exchange.Next);
        Assert.True(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(1, "A.Example", DnsBytes.A))));
        Assert.NotNull(exchange.Response);
    }

    [Fact]
    public void A_cut_answer_is_asked_for_over_tcp_and_a_late_one_to_an_earlier_number_is_not_taken()
    {
        var exchange = Exchange();
        Assert.True(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(1, "a.example", DnsBytes.A), isCut: true)));
        Assert.Equal(new DnsAttempt(First, 2, OverTcp: true), exchange.Next);
        Assert.False(exchange.OnReply(Reply(1)));
        Assert.True(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(2, "a.example", DnsBytes.A), isCut: true)));
        Assert.Equal(Second, exchange.Next!.Server);
        Assert.False(exchange.Next.OverTcp);
    }

    [Fact]
    public void A_server_that_cannot_answer_is_passed_over_and_remembered()
    {
        var exchange = Exchange();
        Assert.True(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(1, "a.example", DnsBytes.A), code: 2)));
        Assert.Equal(Second, exchange.Next!.Server);
        Assert.Equal(DnsCode.ServerFailure, exchange.Refusal!.Code);
        Assert.True(exchange.OnReply(DnsBytes.Reply(DnsBytes.Query(2, "a.example", DnsBytes.A), code: 3)));
        Assert.Equal(DnsCode.NoSuchName, exchange.Response!.Code);
    }

    [Fact]
    public void Without_servers_nothing_is_asked()
    {
        var exchange = new DnsExchange(Question, new DnsSettings(), () => 1);
        Assert.Null(exchange.Next);
        Assert.Equal("no DNS server is known", exchange.Problem);
    }

    private static byte[] Reply(int id, params byte[][] answers) => DnsBytes.Reply(DnsBytes.Query(id, "a.example", DnsBytes.A), answers: answers);

    private DnsExchange Exchange() => new(Question, new DnsSettings { Servers = [First, Second], Attempts = 2 }, () => ++_id);
}

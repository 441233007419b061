using System.Net;
using Gossip.Discovery.Dns;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class DnsCacheTests
{
    private readonly DnsCache _cache = new();

    [Fact]
    public void An_answer_holds_as_long_as_its_first_record()
    {
        var answer = Answer("a", 30) with { Additional = [new DnsRecord("b", DnsType.A, 20) { Address = IPAddress.Loopback }] };
        _cache.Add(answer, TimeSpan.FromSeconds(100));
        Assert.Same(answer, _cache.Find(answer.Question, TimeSpan.FromSeconds(119.9)));
        Assert.Null(_cache.Find(answer.Question, TimeSpan.FromSeconds(120)));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void An_hour_is_the_most_and_nothing_is_not_kept()
    {
        _cache.Add(Answer("a", int.MaxValue), TimeSpan.Zero);
        Assert.NotNull(_cache.Find(Answer("a", 1).Question, DnsCache.MaxTtl - TimeSpan.FromSeconds(1)));
        Assert.Null(_cache.Find(Answer("a", 1).Question, DnsCache.MaxTtl));
        _cache.Add(Answer("b", 0), TimeSpan.Zero);
        Assert.Null(_cache.Find(Answer("b", 0).Question, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(3u, 3)]
    [InlineData(900u, 5)]
    public void That_there_is_nothing_is_believed_for_a_moment(uint? said, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DnsCache.TtlOf(new DnsResponse(1, new DnsQuestion("a", DnsType.A), DnsCode.NoSuchName, false) { NegativeTtl = said }));

    [Fact]
    public void It_is_bounded_and_what_would_end_first_makes_room()
    {
        for (var i = 0; i < DnsCache.Capacity; i++)
        {
            _cache.Add(Answer($"n{i}", (uint)(1000 + i)), TimeSpan.Zero);
        }

        _cache.Add(Answer("new", 1), TimeSpan.Zero);
        Assert.Equal(DnsCache.Capacity, _cache.Count);
        Assert.Null(_cache.Find(Answer("n0", 1).Question, TimeSpan.Zero));
        Assert.NotNull(_cache.Find(Answer("n1", 1).Question, TimeSpan.Zero));
        Assert.NotNull(_cache.Find(Answer("new", 1).Question, TimeSpan.Zero));
    }

    private static DnsResponse Answer(string name, uint ttl) =>
        new(1, new DnsQuestion(name, DnsType.A), DnsCode.NoError, false) { Answers = [new DnsRecord(name, DnsType.A, ttl) { Address = IPAddress.Loopback }] };
}

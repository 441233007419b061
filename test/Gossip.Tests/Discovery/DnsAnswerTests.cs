using Gossip.Discovery.Dns;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class DnsAnswerTests
{
    [Fact]
    public void Aliases_are_followed_as_far_as_the_answer_tells_and_loops_end()
    {
        Assert.Equal(("c", 1), Follow(Alias("a", "b"), Alias("b", "c"), Service("c", 0, 0)));
        Assert.Equal(("c", 0), Follow(Alias("a", "b"), Alias("b", "c"), Service("d", 0, 0)));
        Assert.Equal(("a", 2), Follow(Service("a", 0, 0), Service("a", 1, 0)));
        Assert.Equal(("a", 0), Follow());
        Assert.Equal(0, Follow(Alias("a", "b"), Alias("b", "a")).Item2);
    }

    [Fact]
    public void Lower_priorities_come_first()
    {
        var random = new SeededRandom(1);
        var arranged = DnsAnswer.Arrange([Service("x", 20, 9), Service("x", 0, 0), Service("x", 10, 1), Service("x", 10, 5)], random.Next).Select(record => (int)record.Service.Priority);
        Assert.Equal([0, 10, 10, 20], arranged);
    }

    [Fact]
    public void Among_equals_the_first_is_drawn_after_its_weight_and_zero_has_a_small_chance()
    {
        const int rounds = 20_000;
        var random = new SeededRandom(1);
        var first = new Dictionary<ushort, int>();
        for (var round = 0; round < rounds; round++)
        {
            DnsRecord[] arranged = [.. DnsAnswer.Arrange([Service("x", 0, 60), Service("x", 0, 0), Service("x", 0, 30), Service("x", 0, 10)], random.Next)];
            Assert.Equal(4, arranged.Distinct().Count());
            first[arranged[0].Service.Weight] = first.GetValueOrDefault(arranged[0].Service.Weight) + 1;
        }

        Assert.InRange(first[60], rounds * 0.57, rounds * 0.62);
        Assert.InRange(first[30], rounds * 0.28, rounds * 0.32);
        Assert.InRange(first[10], rounds * 0.08, rounds * 0.12);
        Assert.InRange(first[0], 1, rounds * 0.02);
    }

    [Fact]
    public void A_target_that_is_the_root_says_that_there_is_no_such_service() =>
        Assert.Empty(DnsAnswer.Arrange([new DnsRecord("x", DnsType.Srv, 1) { Target = "" }], static _ => 0));

    private static DnsRecord Alias(string name, string target) => new(name, DnsType.Cname, 60) { Target = target };

    private static DnsRecord Service(string name, ushort priority, ushort weight) => new(name, DnsType.Srv, 60) { Target = "t", Service = new DnsService(priority, weight, 1) };

    private static (string, int) Follow(params DnsRecord[] answers)
    {
        var answer = DnsAnswer.Of(new DnsResponse(1, new DnsQuestion("a", DnsType.Srv), DnsCode.NoError, false) { Answers = answers });
        return (answer.Owner, answer.Records.Count);
    }
}

using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What topics and patterns are, and which match.</summary>
public class TopicPatternTests
{
    private const int Rounds = 400;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [InlineData("orders.eu.created", "orders.eu.created", true)]
    [InlineData("orders.eu.created", "orders.eu.Created", false)]
    [InlineData("orders.eu", "orders.eu.created", false)]
    [InlineData("orders.eu.created", "orders.eu", false)]
    [InlineData("orders.*.created", "orders.eu.created", true)]
    [InlineData("orders.*.created", "orders.created", false)]
    [InlineData("orders.*", "orders.eu.created", false)]
    [InlineData("*", "orders", true)]
    [InlineData("*", "orders.eu", false)]
    [InlineData("*.*", "orders.eu", true)]
    [InlineData(">", "orders", true)]
    [InlineData(">", "orders.eu.created", true)]
    [InlineData("orders.>", "orders", false)]
    [InlineData("orders.>", "orders.eu", true)]
    [InlineData("orders.>", "orders.eu.created", true)]
    [InlineData("*.eu.>", "orders.eu.created.now", true)]
    [InlineData("*.eu.>", "orders.us.created", false)]
    [InlineData("zone:1/2-x_y.ünï.𝄞", "zone:1/2-x_y.ünï.𝄞", true)]
    public void A_pattern_stands_for_its_topics(string pattern, string topic, bool expected)
    {
        Assert.Equal(expected, TopicPattern.Parse(pattern).Matches(topic));
        Assert.Equal(expected, NaiveMatch(pattern, topic));
        Assert.True(TopicPattern.TryParse(pattern, out var parsed));
        Assert.Equal(pattern, parsed.ToString());
    }

    [Theory]
    [InlineData("", 0, "an empty level")]
    [InlineData(".", 0, "an empty level")]
    [InlineData("a.", 2, "an empty level")]
    [InlineData("a..b", 2, "an empty level")]
    [InlineData("a.b c", 3, "white space")]
    [InlineData("a.\u0001", 2, "a control character")]
    [InlineData("ab.c*", 4, "* within a level")]
    [InlineData("ab.>c", 3, "> within a level")]
    [InlineData("a.>.b", 2, "levels behind >")]
    [InlineData("a.**", 2, "* within a level")]
    public void What_is_no_pattern_is_refused_with_its_position(string pattern, int position, string found)
    {
        var error = Assert.Throws<TopicException>(() => TopicPattern.Parse(pattern));
        Assert.Equal(position, error.Position);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.False(TopicPattern.TryParse(pattern, out _));
    }

    [Theory]
    [InlineData("a.*", 2, "the wildcard *")]
    [InlineData("a.>", 2, "the wildcard >")]
    [InlineData("a..b", 2, "an empty level")]
    public void A_topic_has_no_wildcards(string topic, int position, string found)
    {
        var error = Assert.Throws<TopicException>(() => TopicPattern.Parse(">").Matches(topic));
        Assert.Equal(position, error.Position);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_character()
    {
        var (high, low) = ('\ud834', '\udd1e'); // not in an attribute, which could not hold them
        Assert.Equal(3, Assert.Throws<TopicException>(() => TopicPattern.Parse($"a.x{high}")).Position);
        Assert.Equal(2, Assert.Throws<TopicException>(() => TopicPattern.Parse($"a.{low}x")).Position);
        Assert.True(TopicPattern.TryParse($"a.x{high}{low}", out _));
    }

    [Fact]
    public void Length_and_levels_have_limits()
    {
        Assert.True(TopicPattern.TryParse(new string('a', TopicPattern.MaxBytes), out _));
        Assert.False(TopicPattern.TryParse(new string('a', TopicPattern.MaxBytes + 1), out _));
        Assert.False(TopicPattern.TryParse(new string('é', (TopicPattern.MaxBytes / 2) + 1), out _));
        Assert.True(TopicPattern.TryParse(string.Join('.', Enumerable.Repeat("*", TopicPattern.MaxLevels)), out _));
        var error = Assert.Throws<TopicException>(() => TopicPattern.Parse(string.Join('.', Enumerable.Repeat("*", TopicPattern.MaxLevels + 1))));
        Assert.Equal(2 * TopicPattern.MaxLevels, error.Position);
        Assert.False(TopicPattern.TryParse(null, out _));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_trie_finds_what_a_naive_matcher_finds_whatever_was_added_and_removed(int seed)
    {
        var random = new Random(seed);
        var trie = new TopicTrie<int>();
        List<(string Pattern, int Value)> there = [];
        var hits = 0;
        for (var round = 0; round < Rounds; round++)
        {
            if (there.Count > 0 && random.Next(5) < 2)
            {
                var (pattern, value) = there[random.Next(there.Count)];
                Assert.True(trie.Remove(pattern, value), $"seed {seed}, round {round}");
                there.Remove((pattern, value));
                Assert.True(there.Contains((pattern, value)) || !trie.Remove(pattern, value), $"seed {seed}, round {round}: removed twice");
            }
            else
            {
                var (pattern, value) = (RandomPattern(random), random.Next(3));
                trie.Add(pattern, value);
                there.Add((pattern, value));
            }

            var topic = RandomTopic(random);
            List<int> found = [];
            trie.Match(topic, found);
            var expected = there.Where(one => NaiveMatch(one.Pattern, topic)).Select(one => one.Value).Order().ToArray();
            Assert.True(expected.SequenceEqual(found.Order()), $"seed {seed}, round {round}: '{topic}' has [{string.Join(' ', found)}] and not [{string.Join(' ', expected)}]");
            hits += expected.Length;
        }

        Assert.True(hits > Rounds, $"only {hits} matches: the test shows little");
        foreach (var (pattern, value) in there)
        {
            Assert.True(trie.Remove(pattern, value));
        }

        Assert.True(trie.IsEmpty); // nothing is left behind
    }

    /// <summary>The rule as it is written, without any index.</summary>
    private static bool NaiveMatch(string pattern, string topic)
    {
        var (levels, names) = (pattern.Split('.'), topic.Split('.'));
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] == ">")
            {
                return i < names.Length;
            }

            if (i >= names.Length || (levels[i] != "*" && levels[i] != names[i]))
            {
                return false;
            }
        }

        return levels.Length == names.Length;
    }

    private static string RandomTopic(Random random) => string.Join('.', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Name(random)));

    private static string RandomPattern(Random random)
    {
        var levels = Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(3) == 0 ? "*" : Name(random)).ToArray();
        if (random.Next(4) == 0)
        {
            levels[^1] = ">";
        }

        return string.Join('.', levels);
    }

    private static string Name(Random random) => new[] { "a", "b", "ab" }[random.Next(3)];
}

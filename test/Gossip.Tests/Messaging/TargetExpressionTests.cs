using System.Collections.Immutable;
using System.Net;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Targets by tag expressions and metadata, and one of many.</summary>
public class TargetExpressionTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("Web", false)]
    [InlineData("!web", false)]
    [InlineData("!!web", true)]
    [InlineData("web & !canary | admin", true)]
    [InlineData("canary|web&eu", true)]
    [InlineData("(canary|web)&us", false)]
    [InlineData("canary | admin & web", false)]
    [InlineData("!(canary | us) & (web)", true)]
    [InlineData("\"a b\"", true)]
    [InlineData("\"q\\\"uote\" & \"back\\\\slash\"", true)]
    [InlineData("zone:1/2-x.y_z", true)]
    public void An_expression_matches_as_its_operators_bind(string expression, bool expected)
    {
        var member = Member('m', ["web", "eu", "a b", "q\"uote", "back\\slash", "zone:1/2-x.y_z"]);
        Assert.Equal(expected, TagExpression.Parse(expression).Matches(member));
        Assert.True(TagExpression.TryParse(expression, out var parsed));
        Assert.Equal(expression, parsed.ToString());
    }

    [Theory]
    [InlineData("", 0, "the end")]
    [InlineData("  ", 2, "the end")]
    [InlineData("web &", 5, "the end")]
    [InlineData("web canary", 4, "'c'")]
    [InlineData("& web", 0, "'&'")]
    [InlineData("web | | eu", 6, "'|'")]
    [InlineData("(web", 4, "')'")]
    [InlineData("web)", 3, "')'")]
    [InlineData("()", 1, "')'")]
    [InlineData("a & \"b", 4, "quotation mark")]
    [InlineData("a & \"b\\", 4, "quotation mark")]
    [InlineData("\"\"", 0, "empty")]
    public void A_wrong_expression_is_refused_with_its_position(string expression, int position, string found)
    {
        var error = Assert.Throws<TagExpressionException>(() => TagExpression.Parse(expression));
        Assert.Equal(position, error.Position);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.False(TagExpression.TryParse(expression, out _));
        Assert.Throws<TagExpressionException>(() => Target.Matching(expression));
    }

    [Fact]
    public void Neither_length_nor_depth_has_no_limit()
    {
        Assert.False(TagExpression.TryParse(new string('a', TagExpression.MaxLength + 1), out _));
        Assert.True(TagExpression.TryParse(new string('a', TagExpression.MaxLength), out _));
        Assert.False(TagExpression.TryParse(new string('(', TagExpression.MaxLength), out _));
        Assert.False(TagExpression.TryParse(new string('!', TagExpression.MaxDepth) + "a", out _));
        Assert.True(TagExpression.TryParse(new string('!', TagExpression.MaxDepth - 1) + "a", out _));
        Assert.True(TagExpression.TryParse(string.Join('|', Enumerable.Repeat("a", 2000)), out _)); // beside each other, not inside
        Assert.False(TagExpression.TryParse(null, out _));
    }

    /// <summary>Against an evaluation that follows the definition, on all sets of four tags.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Expressions_mean_what_their_trees_mean(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var tree = Tree(random, depth: 5);
            var parsed = TagExpression.Parse(tree.Text);
            for (var set = 0; set < 16; set++)
            {
                string[] tags = [.. "abcd".Where((_, tag) => (set & (1 << tag)) != 0).Select(tag => tag.ToString())];
                Assert.Equal(tree.IsTrue(tags), parsed.Matches(Member('m', tags)));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_text_is_an_expression_or_an_error_with_a_position(int seed)
    {
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(random.GetItems<char>("ab!&|()\"\\ \u00e4\ud800", random.Next(20)));
            if (!TagExpression.TryParse(text, out _))
            {
                refused++;
                Assert.InRange(Assert.Throws<TagExpressionException>(() => TagExpression.Parse(text)).Position, 0, text.Length);
            }
        }

        Assert.InRange(refused, 1, 19_999);
    }

    [Fact]
    public void Metadata_filters_match_equal_any_and_containing_values()
    {
        var metadata = View(Member('a', ["x"]) with { Metadata = OneNodeMetadata() }).Members[0];
        Assert.True(MetadataFilter.Parse("dc", "eu-west").Matches(metadata));
        Assert.False(MetadataFilter.Parse("dc", "eu").Matches(metadata));
        Assert.True(MetadataFilter.Parse("dc", "~west").Matches(metadata));
        Assert.False(MetadataFilter.Parse("dc", "~West").Matches(metadata));
        Assert.True(MetadataFilter.Parse("dc", "*").Matches(metadata));
        Assert.False(MetadataFilter.Parse("rack", "*").Matches(metadata));
        Assert.True(MetadataFilter.Parse("cores", "8").Matches(metadata));
        Assert.True(MetadataFilter.IsEqual("mark", "~*").Matches(metadata));
        Assert.False(MetadataFilter.IsEqual("dc", "*").Matches(metadata));
        Assert.Equal("dc=~west", MetadataFilter.Contains("dc", "west").ToString());
        Assert.Throws<ArgumentException>(() => MetadataFilter.Exists(""));
    }

    [Fact]
    public void Targets_select_by_expression_and_by_all_metadata_filters()
    {
        var view = View(Member('a', ["web"]), Member('b', ["web", "canary"]), Member('c', ["admin", "canary"]), Member('d', []) with { Metadata = OneNodeMetadata() });
        Assert.Equal("ac", Names(Target.Matching("web & !canary | admin"), view));
        Assert.Equal("d", Names(Target.Matching(MetadataFilter.Exists("dc"), MetadataFilter.IsEqual("cores", "8")), view));
        Assert.Equal("", Names(Target.Matching(MetadataFilter.Exists("dc"), MetadataFilter.IsEqual("cores", "9")), view));
    }

    [Fact]
    public void One_in_turn_is_each_as_often_as_the_others_and_one_at_random_nearly()
    {
        const int Rounds = 3000;
        var view = View(Member('a', ["w"]), Member('b', ["w"]), Member('c', ["w"]), Member('d', []));
        var next = Target.NextOne(Target.Tag("w"));
        Assert.Equal("abcabc", string.Concat(Enumerable.Range(0, 6).Select(_ => Names(next, view))));

        var any = Target.AnyOne(Target.Tag("w"));
        var drawn = Enumerable.Range(0, Rounds).Select(_ => Names(any, view)).CountBy(name => name).ToDictionary();
        Assert.Equal(["a", "b", "c"], drawn.Keys.Order(StringComparer.Ordinal));

        // 1000 each, with a standard deviation of 26: none is off by six of them but once in 10^8 runs.
        Assert.All(drawn.Values, count => Assert.InRange(count, 840, 1160));
    }

    [Fact]
    public void One_of_many_is_suspected_only_when_all_are_and_never_gone()
    {
        var (well, sick, gone) = (Member('a', ["w"]), Member('b', ["w"]) with { State = MemberState.Suspect }, Member('c', ["w"]) with { State = MemberState.Dead });
        var next = Target.NextOne(Target.Tag("w"));
        Assert.Equal("aaa", string.Concat(Enumerable.Range(0, 3).Select(_ => Names(next, View(well, sick, gone)))));
        Assert.Equal("b", Names(next, View(sick, gone)));
        Assert.Equal("", Names(next, View(gone)));
        Assert.Equal("", Names(Target.AnyOne(Target.Node(gone.Id)), View(gone)));
    }

    private static MetadataMap OneNodeMetadata()
    {
        var facts = new Gossip.Metadata.FactSet(new Gossip.Metadata.FactLimits());
        var stamp = 1UL;
        foreach (var (key, value) in new (string, MetadataValue)[] { ("dc", "eu-west"), ("cores", 8), ("mark", "~*") })
        {
            facts.Set(Gossip.Metadata.FactKind.Metadata, key, value, ++stamp);
        }

        return facts.Metadata;
    }

    private static string Names(Target target, ClusterView view) =>
        string.Concat(target.Select(view).Select(recipient => (char)(ushort)recipient.Instance.Id.LowBits));

    private static ClusterView View(params ClusterMember[] members) =>
        new(1, Member('z', []) with { IsLocal = true }, [.. members.Append(Member('z', [])).OrderBy(member => member.Id)]);

    private static ClusterMember Member(char name, string[] tags) => new()
    {
        Instance = new NodeInstance(new NodeId(name), 1),
        Address = new IPEndPoint(IPAddress.Loopback, name),
        State = MemberState.Alive,
        Incarnation = 0,
        IsLocal = false,
        Tags = tags.ToImmutableSortedSet(StringComparer.Ordinal),
    };

    private static Expected Tree(Random random, int depth)
    {
        var kind = depth == 0 ? 0 : random.Next(4);
        if (kind == 0)
        {
            var tag = ((char)('a' + random.Next(4))).ToString();
            return new Expected(tag, tags => tags.Contains(tag));
        }

        var (left, right) = (Tree(random, depth - 1), Tree(random, depth - 1));
        return kind switch
        {
            1 => new Expected($"!({left.Text})", tags => !left.IsTrue(tags)),
            2 => new Expected($"({left.Text}) & ({right.Text})", tags => left.IsTrue(tags) && right.IsTrue(tags)),
            _ => new Expected($"({left.Text})|({right.Text})", tags => left.IsTrue(tags) || right.IsTrue(tags)),
        };
    }

    private sealed record Expected(string Text, Func<string[], bool> IsTrue);
}

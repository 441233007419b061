using Gossip.Messaging;
using Gossip.Tests.Hostile;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What nodes tell each other of their subscriptions, and what they keep of it.</summary>
public class InterestTests
{
    private static readonly NodeInstance Ann = new(new NodeId(1), 5);
    private static readonly NodeInstance Bob = new(new NodeId(2), 5);

    [Fact]
    public void The_version_rises_with_each_change_and_only_then()
    {
        var set = new InterestSet();
        Assert.Equal(0UL, set.Version);
        set.Add(new Interest("a", null));
        set.Add(new Interest("a", "g"));
        Assert.Equal(2UL, set.Version);
        set.Add(new Interest("a", null));
        set.Remove(new Interest("a", null));
        Assert.Equal((2UL, 2), (set.Version, set.Count)); // one is left
        set.Remove(new Interest("a", null));
        Assert.Equal((3UL, 1), (set.Version, set.Count));
        Assert.True(InterestFormat.TryRead(set.Encoded.Span, out var version, out var interests));
        Assert.Equal(3UL, version);
        Assert.Equal([new Interest("a", "g")], interests);
    }

    [Fact]
    public void Too_many_or_too_large_is_a_typed_error_and_changes_nothing()
    {
        var many = new InterestSet();
        for (var i = 0; i < GossipTopics.MaxSubscriptions; i++)
        {
            many.Add(new Interest($"t.{i}", null));
        }

        Assert.Throws<SubscriptionLimitException>(() => many.Add(new Interest("one.more", null)));
        many.Add(new Interest("t.7", null)); // which is there already
        Assert.Equal(((ulong)GossipTopics.MaxSubscriptions, GossipTopics.MaxSubscriptions), (many.Version, many.Count));
        Assert.True(InterestFormat.TryRead(many.Encoded.Span, out _, out var interests));
        Assert.Equal(GossipTopics.MaxSubscriptions, interests.Length);

        var large = new InterestSet();
        var count = 0;
        var error = Assert.Throws<SubscriptionLimitException>(Fill);
        Assert.Contains("65536", error.Message, StringComparison.Ordinal);
        Assert.Equal(count, large.Count);
        Assert.InRange(large.Encoded.Length, TopicLimits.MaxSetBytes * 9 / 10, TopicLimits.MaxSetBytes);
        Assert.True(InterestFormat.TryRead(large.Encoded.Span, out _, out interests));
        Assert.Equal(count, interests.Length);

        void Fill()
        {
            for (; count < GossipTopics.MaxSubscriptions; count++)
            {
                large.Add(new Interest($"{count}.".PadRight(TopicPattern.MaxBytes, 'x'), new string('g', TopicLimits.MaxGroupBytes)));
            }
        }
    }

    [Fact]
    public void Newer_interests_replace_older_ones_and_older_ones_are_ignored()
    {
        var known = new KnownInterests();
        known.Apply(Ann, 2, [new Interest("a.*", null), new Interest("a.b", "g")]);
        known.Apply(Bob, 1, [new Interest("a.>", "g")]);
        Assert.Equal([new Subscriber(Ann, null), new Subscriber(Ann, "g"), new Subscriber(Bob, "g")], Match(known, "a.b"));
        known.Apply(Ann, 1, []);
        known.Apply(Ann, 2, []);
        Assert.Equal(3, Match(known, "a.b").Length);
        known.Apply(Ann, 3, [new Interest("c", null)]);
        Assert.Equal([new Subscriber(Bob, "g")], Match(known, "a.b"));
        Assert.Equal([new Subscriber(Ann, null)], Match(known, "c"));
        known.Keep(life => life == Ann);
        Assert.Empty(Match(known, "a.b"));
        Assert.Equal(1, known.Count);
        Assert.Equal(0UL, known.VersionOf(Bob));
        known.Apply(Bob, 1, [new Interest("a.b", null)]); // back from the dead
        Assert.Single(Match(known, "a.b"));
    }

    [Fact]
    public void Turns_are_remembered_only_for_groups_that_exist()
    {
        var known = new KnownInterests();
        Assert.Equal([0, 0], [known.NextTurn("g"), known.NextTurn("g")]);
        known.Apply(Ann, 1, [new Interest("a", "g")]);
        Assert.Equal([0, 1, 2], [known.NextTurn("g"), known.NextTurn("g"), known.NextTurn("g")]);
        known.Apply(Ann, 2, []);
        known.Apply(Ann, 3, [new Interest("a", "g")]);
        Assert.Equal(0, known.NextTurn("g"));
    }

    [Fact]
    public void What_is_no_set_of_interests_is_refused()
    {
        Assert.False(Reads(InterestFormat.Encode(1, [new Interest("a..b", null)])));
        Assert.False(Reads(InterestFormat.Encode(1, [new Interest("", null)])));
        Assert.False(Reads(InterestFormat.Encode(1, [new Interest("a", "")])));
        Assert.False(Reads(InterestFormat.Encode(1, [new Interest("a", new string('g', TopicLimits.MaxGroupBytes + 1))])));
        Assert.False(Reads(InterestFormat.Encode(1, [.. Enumerable.Range(0, GossipTopics.MaxSubscriptions + 1).Select(i => new Interest($"t{i}", null))])));
        Assert.False(Reads(new byte[TopicLimits.MaxSetBytes * 2]));
        Assert.True(Reads(default)); // nothing, under version 0
        byte[] later = [.. InterestFormat.Encode(1, [new Interest("a", null)]).Span, 0x7a, 0x01, 0x00];
        Assert.True(Reads(later));

        static bool Reads(ReadOnlyMemory<byte> bytes) => InterestFormat.TryRead(bytes.Span, out _, out _);
    }

    [Fact]
    public void No_bytes_make_the_parser_of_interests_throw_or_allocate_much()
    {
        byte[][] golden =
        [
            InterestFormat.EncodeVersion(7).ToArray(),
            InterestFormat.Encode(3, [new Interest("orders.*.created", null), new Interest("orders.>", "billing")]).ToArray(),
            InterestFormat.Encode(300, [.. Enumerable.Range(0, 40).Select(i => new Interest($"t.{i}", i % 2 == 0 ? "g" : null))]).ToArray(),
        ];
        var read = 0;
        Fuzz.Run("interests", golden, 4096, 128, input =>
        {
            if (InterestFormat.TryRead(input, out _, out var interests))
            {
                read++;
                Assert.True(interests.Length <= GossipTopics.MaxSubscriptions);
                foreach (var interest in interests)
                {
                    Assert.Null(TopicSyntax.Flaw(interest.Pattern, isPattern: true, out _));
                }
            }
        });
        Assert.True(read > 100);
    }

    [Fact]
    public void A_publication_comes_back_as_it_was_with_the_duties_of_one_node()
    {
        var payload = MessagePayload.FromText("tea");
        var encoded = new Publication("orders.eu", 300, payload, GroupsOnly: true, [new("g", Ann.Id), new("h", Bob.Id), new("i", Ann.Id)]).Encode();
        Assert.True(Publication.TryRead(encoded, Ann.Id, out var read));
        Assert.Equal(("orders.eu", 300, true), (read.Topic, read.Type, read.GroupsOnly));
        Assert.Equal("tea", read.Payload.ReadText());
        Assert.Equal([new GroupDuty("g", Ann.Id), new GroupDuty("i", Ann.Id)], read.Duties);
        Assert.True(encoded.Span.Overlaps(read.Payload.Encoded.Span)); // no copy

        Assert.True(Publication.TryRead(new Publication("t", 300, MessagePayload.Empty, false, []).Encode(), Ann.Id, out read));
        Assert.Equal((0, false, default), (read.Payload.Size, read.GroupsOnly, read.Origin));
        Assert.True(Publication.TryRead(new Publication("t", 300, payload, false, []) { Origin = Bob }.Encode(), Ann.Id, out read));
        Assert.Equal(Bob, read.Origin);
        Assert.False(Publication.TryRead(new Publication("t.*", 300, payload, false, []).Encode(), Ann.Id, out _));
        Assert.False(Publication.TryRead(new Publication("t", MessageTypeNumber.FirstLibrary - 1, payload, false, []).Encode(), Ann.Id, out _));
        Assert.False(Publication.TryRead(new Publication("t", 300, payload, false, [new("", Bob.Id)]).Encode(), Ann.Id, out _));
        Assert.False(Publication.TryRead(default, Ann.Id, out _));
    }

    [Fact]
    public void No_bytes_make_the_parser_of_publications_throw_or_allocate_much()
    {
        byte[][] golden =
        [
            new Publication("orders.eu.created", 300, MessagePayload.FromText("hello"), false, []).Encode().ToArray(),
            new Publication("orders", 64, MessagePayload.FromBytes(new byte[20]), true, [new("billing", Ann.Id), new("mail", Bob.Id)]) { Origin = Bob }.Encode().ToArray(),
        ];
        var read = 0;
        Fuzz.Run("publication", golden, 4096, 64, input =>
        {
            if (Publication.TryRead(input.ToArray(), Ann.Id, out var publication))
            {
                read++;
                Assert.Null(TopicSyntax.Flaw(publication.Topic, isPattern: false, out _));
                foreach (var duty in publication.Duties)
                {
                    Assert.True(duty.Node == Ann.Id);
                }
            }
        });
        Assert.True(read > 100);
    }

    private static Subscriber[] Match(KnownInterests known, string topic)
    {
        List<Subscriber> found = [];
        known.Match(topic, found);
        return [.. found.OrderBy(subscriber => subscriber.Node.Id).ThenBy(subscriber => subscriber.Group, StringComparer.Ordinal)];
    }
}

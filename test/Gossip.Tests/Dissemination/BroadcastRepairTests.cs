using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Dissemination;

/// <summary>What one engine says about broadcasts, asks for and answers.</summary>
public sealed class BroadcastRepairTests
{
    private const int RangeField = 1;
    private const int AsksField = 2;
    private const int AgeField = 1;
    private const int BodyField = 2;
    private const long Connection = 5;

    private static readonly TimeSpan Window = TestNodes.Options('a').BroadcastWindow;
    private static readonly BroadcastTiming Timing = new(ProtocolTiming.Lan, Window);
    private static readonly PacketSource Stream = new(TestNodes.Endpoint('b'), Connection);

    [Fact]
    public void A_node_that_keeps_nothing_says_and_plans_nothing()
    {
        var a = EngineHarness.Started('a', "bcd");
        a.Advance(Window);
        Assert.Empty(Of(a.Take(), MessageKind.BroadcastDigest));
    }

    [Fact]
    public void What_is_kept_is_told_to_a_neighbour_and_to_somebody_less_and_less_often_and_no_longer_than_the_window()
    {
        var a = EngineHarness.Started('a', "bcd");
        Broadcast(a, 10);
        a.Advance(Timing.LongestInterval);
        var early = Of(a.Take(), MessageKind.BroadcastDigest).Count;
        a.Advance(Timing.LongestInterval * 2);
        var later = Of(a.Take(), MessageKind.BroadcastDigest).Count;
        a.Advance(Window);
        a.Take();

        Assert.InRange(early, 4, 12);
        Assert.InRange(later, 1, early);
        Assert.Equal(0, a.Engine.Broadcasts.Count);
        a.Advance(Window);
        Assert.Empty(Of(a.Take(), MessageKind.BroadcastDigest));
    }

    [Fact]
    public void What_a_digest_has_and_the_node_not_is_asked_for_and_then_handed_up_once()
    {
        var a = EngineHarness.Started('a', "bcd");
        Digest(a, 'b', 'c', 1, 3);
        a.Advance(TimeSpan.Zero);
        var asked = Assert.Single(Of(a.Take(), MessageKind.BroadcastWant));
        Assert.Equal((TransmitPath.Datagram, TestNodes.Endpoint('b')), (asked.Path, asked.To));
        Assert.Equal([1, 3], Sequences(asked));

        Copy(a, 'b', 'c', 3, age: 0);
        Copy(a, 'b', 'c', 3, age: 0);
        Assert.Equal("content 3"u8, Assert.Single(Heard(a)).Payload.Span);
        Assert.Equal(TestNodes.Instance('c'), Heard(a)[0].Subject);
        Assert.Equal(1, a.Engine.BroadcastsWanted);
        Assert.Equal((1, 0), (a.Options.BroadcastCounters.Repaired, a.Options.BroadcastCounters.Fetched));
        a.Advance(Timing.ShortestInterval);
        Assert.DoesNotContain(a.Take(), packet => Messages(packet, MessageKind.Broadcast).Any()); // no news: others are told that it is here
    }

    [Fact]
    public void Who_does_not_answer_is_followed_by_another()
    {
        var a = EngineHarness.Started('a', "bcd");
        Digest(a, 'b', 'c', 1);
        a.Advance(TimeSpan.Zero);
        Digest(a, 'd', 'c', 1);
        a.Advance(Timing.AnswerTimeout - TimeSpan.FromTicks(1));
        Assert.Equal([TestNodes.Endpoint('b')], Of(a.Take(), MessageKind.BroadcastWant).Select(packet => packet.To));
        a.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([TestNodes.Endpoint('d')], Of(a.Take(), MessageKind.BroadcastWant).Select(packet => packet.To));
        a.Advance(Timing.AnswerTimeout * BroadcastLimits.MaxAsks);
        Assert.Equal(0, a.Engine.BroadcastsWanted);
    }

    [Fact]
    public void Who_lacks_something_and_asks_is_told_what_and_gets_it_with_its_age()
    {
        var a = EngineHarness.Started('a', "bcd");
        Broadcast(a, 10);
        Broadcast(a, 10);
        a.Advance(TimeSpan.FromSeconds(2));
        a.Take();

        Say(a, 'b', (ref WireWriter writer) => WriteDigest(ref writer, asks: true));
        Assert.Equal([1, 2], Sequences(Assert.Single(Of(a.Take(), MessageKind.BroadcastDigest))));
        Say(a, 'b', (ref WireWriter writer) => WriteDigest(ref writer, asks: true, ('a', [1, 2])));
        Assert.Empty(Of(a.Take(), MessageKind.BroadcastDigest));
        Say(a, 'b', (ref WireWriter writer) => WriteDigest(ref writer, asks: false));
        Assert.Empty(Of(a.Take(), MessageKind.BroadcastDigest));

        Want(a, 'a', 2, 7);
        var copy = Assert.Single(Messages(Assert.Single(Of(a.Take(), MessageKind.BroadcastCopy)), MessageKind.BroadcastCopy));
        Assert.InRange(Number(copy, AgeField), 2000UL, 2000UL);
    }

    [Fact]
    public void A_copy_is_kept_no_longer_than_those_of_others()
    {
        var a = EngineHarness.Started('a', "bcd");
        Copy(a, 'b', 'c', 1, age: Window - TimeSpan.FromSeconds(1));
        Copy(a, 'b', 'c', 2, age: Window);
        Copy(a, 'b', 'c', 3, age: TimeSpan.MaxValue);
        Assert.Equal(3, Heard(a).Count);
        Assert.Equal(1, a.Engine.Broadcasts.Count);
        a.Advance(Timing.LongestInterval);
        Assert.Equal(0, a.Engine.Broadcasts.Count);
    }

    [Fact]
    public void A_large_broadcast_is_offered_fetched_over_a_stream_and_offered_on_once_it_is_there()
    {
        var a = EngineHarness.Started('a', "bcd");
        Broadcast(a, 100_000);
        a.Advance(TimeSpan.Zero);
        var offer = Of(a.Take(), MessageKind.BroadcastOffer)[0];

        var b = EngineHarness.Started('b', "acd");
        b.Receive(new PacketSource(TestNodes.Endpoint('a'), 0), offer.Bytes);
        b.Advance(TimeSpan.Zero);
        var sent = b.Take();
        var want = Assert.Single(Of(sent, MessageKind.BroadcastWant));
        Assert.Equal((TransmitPath.Stream, TestNodes.Endpoint('a')), (want.Path, want.To));
        Assert.Empty(Of(sent, MessageKind.BroadcastOffer));

        a.Receive(Stream, want.Bytes);
        var copy = Assert.Single(Of(a.Take(), MessageKind.BroadcastCopy));
        Assert.Equal(TransmitPath.Connection, copy.Path);
        b.Receive(new PacketSource(TestNodes.Endpoint('a'), Connection), copy.Bytes);
        Assert.Equal(100_000, Assert.Single(Heard(b)).Payload.Length);
        Assert.Equal((0, 1), (b.Options.BroadcastCounters.Repaired, b.Options.BroadcastCounters.Fetched));
        b.Advance(Timing.ShortestInterval);
        Assert.NotEmpty(Of(b.Take(), MessageKind.BroadcastOffer));
    }

    [Fact]
    public void A_datagram_is_answered_with_few_datagrams_and_one_want_of_a_packet_is_answered()
    {
        const int Kept = 100;
        var a = EngineHarness.Started('a', "bcd");
        for (var i = 0; i < Kept; i++)
        {
            Broadcast(a, 1000);
            a.Advance(TimeSpan.FromMilliseconds(10));
        }

        a.Take();
        var all = Enumerable.Range(1, Kept).Select(i => (ulong)i).ToArray();
        Say(a, 'b', (ref WireWriter writer) =>
        {
            for (var i = 0; i < 3; i++)
            {
                WriteWant(ref writer, 'a', all);
            }
        });
        Assert.InRange(Of(a.Take(), MessageKind.BroadcastCopy).Count, 1, BroadcastLimits.MaxAnswerDatagrams);

        a.Receive(Stream, TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter writer) => WriteWant(ref writer, 'a', all)));
        Assert.Equal(Kept, Of(a.Take(), MessageKind.BroadcastCopy).Sum(packet => Messages(packet, MessageKind.BroadcastCopy).Count()));
    }

    [Fact]
    public void However_often_it_is_asked_a_node_answers_no_more_than_its_budget()
    {
        const int Size = 1_000_000;
        var a = EngineHarness.Started('a', "bcd");
        Broadcast(a, Size);
        a.Take();
        var answered = 0;
        for (var i = 0; i < 100; i++)
        {
            a.Receive(Stream, TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter writer) => WriteWant(ref writer, 'a', 1)));
            answered += a.Take().Sum(packet => packet.Bytes.Length);
        }

        Assert.InRange(answered, BroadcastLimits.AnswerBurst - (2 * Size), BroadcastLimits.AnswerBurst + Size);
    }

    [Fact]
    public void Strangers_unknown_origins_and_endless_claims_make_it_want_and_keep_nothing_beyond_its_bounds()
    {
        var a = EngineHarness.Started('a', "bcd");
        Digest(a, 'x', 'c', 1); // who is not known
        Digest(a, 'b', 'x', 1); // of whom nobody knows
        Digest(a, 'b', 'a', 1); // of itself
        Assert.Equal(0, a.Engine.BroadcastsWanted);
        Want(a, 'c', 1);

        var every = Enumerable.Range(0, BroadcastLimits.PerOrigin).Select(i => (ulong)i).ToArray();
        for (ulong i = 1; i < 50; i++)
        {
            Digest(a, 'b', 'c', [.. every.Select(sequence => sequence + (i << 32))]);
        }

        Assert.InRange(a.Engine.BroadcastsWanted, 1, BroadcastLimits.MaxWanted);
        Assert.Equal(0, a.Engine.Broadcasts.Count);
    }

    [Fact]
    public void Own_broadcasts_wait_where_they_would_push_out_those_that_still_spread()
    {
        var a = EngineHarness.Started('a', "bcd");
        const int Size = 3 * 1024 * 1024;
        Broadcast(a, Size);
        Broadcast(a, Size);
        a.Do((engine, now) => Assert.Equal(BroadcastOutcome.Busy, engine.TryBroadcast(now, new byte[Size])));
        a.Advance(Timing.Settling(4));
        Broadcast(a, Size);
        Assert.Equal(0, a.Options.BroadcastCounters.Dropped);
        Assert.Equal(3, a.Engine.Broadcasts.Count);
    }

    [Fact]
    public void Without_a_window_nothing_is_kept_asked_or_answered()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { BroadcastWindow = TimeSpan.Zero });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Hear('b', TestNodes.Says('b', MemberState.Alive));
        a.Hear('b', TestNodes.Says('c', MemberState.Alive));
        Broadcast(a, 10);
        a.Do((engine, now) => Assert.Equal(BroadcastOutcome.TooLarge, engine.TryBroadcast(now, new byte[2000])));
        Digest(a, 'b', 'c', 1);
        Copy(a, 'b', 'c', 1, age: 0);
        Want(a, 'a', 1);
        a.Advance(Window);

        Assert.Empty(Heard(a));
        Assert.Equal(0, a.Engine.Broadcasts.Count);
        Assert.DoesNotContain(a.Take(), packet => TestPacket.Messages(packet.Bytes).Any(message => message.Kind is MessageKind.BroadcastDigest or MessageKind.BroadcastWant or MessageKind.BroadcastCopy));
    }

    [Fact]
    public void A_broadcast_of_a_past_life_is_taken_and_one_of_a_life_to_come_is_not()
    {
        var a = EngineHarness.Started('a', "b");
        a.Hear('b', TestNodes.Says('c', MemberState.Alive, generation: 5));
        Copy(a, 'b', 'c', 1, age: 0, generation: 4);
        Copy(a, 'b', 'c', 2, age: 0, generation: 6);
        Assert.Equal(TestNodes.Instance('c', 4), Assert.Single(Heard(a)).Subject);
    }

    private static void Broadcast(EngineHarness a, int size) =>
        a.Do((engine, now) => Assert.Equal(BroadcastOutcome.Accepted, engine.TryBroadcast(now, new byte[size])));

    private static List<EngineEvent> Heard(EngineHarness a) => [.. a.Events.Where(item => item.Kind == EngineEventKind.BroadcastReceived)];

    private static void Say(EngineHarness a, char member, MessagesWriter write) => a.Receive(member, write);

    private static void Digest(EngineHarness a, char member, char origin, params ulong[] sequences) =>
        Say(a, member, (ref WireWriter writer) => WriteDigest(ref writer, asks: false, (origin, sequences)));

    private static void Want(EngineHarness a, char origin, params ulong[] sequences) =>
        Say(a, 'b', (ref WireWriter writer) => WriteWant(ref writer, origin, sequences));

    private static void WriteDigest(ref WireWriter writer, bool asks, params ReadOnlySpan<(char Origin, ulong[] Sequences)> ranges)
    {
        var mark = writer.Begin((int)MessageKind.BroadcastDigest);
        foreach (var (origin, sequences) in ranges)
        {
            WriteRange(ref writer, origin, sequences);
        }

        writer.Flag(AsksField, asks);
        writer.End(mark);
    }

    private static void WriteWant(ref WireWriter writer, char origin, params ReadOnlySpan<ulong> sequences)
    {
        var mark = writer.Begin((int)MessageKind.BroadcastWant);
        WriteRange(ref writer, origin, sequences);
        writer.End(mark);
    }

    private static void WriteRange(ref WireWriter writer, char origin, scoped ReadOnlySpan<ulong> sequences)
    {
        Span<byte> held = stackalloc byte[BroadcastRange.MaxBitmap];
        held.Clear();
        foreach (var sequence in sequences)
        {
            BroadcastRange.Set(held, (int)(sequence - sequences[0]));
        }

        BroadcastRange.Write(ref writer, RangeField, new BroadcastRange { Origin = TestNodes.Instance(origin), First = sequences[0], Held = held });
    }

    private static void Copy(EngineHarness a, char member, char origin, ulong sequence, TimeSpan age, ulong generation = 1) =>
        Say(a, member, (ref WireWriter writer) => WriteCopy(ref writer, origin, generation, sequence, age));

    private static void Copy(EngineHarness a, char member, char origin, ulong sequence, int age, ulong generation = 1) =>
        Copy(a, member, origin, sequence, TimeSpan.FromMilliseconds(age), generation);

    private static void WriteCopy(ref WireWriter writer, char origin, ulong generation, ulong sequence, TimeSpan age)
    {
        var mark = writer.Begin((int)MessageKind.BroadcastCopy);
        writer.Number(AgeField, (ulong)age.TotalMilliseconds);
        var inner = writer.Begin(BodyField);
        writer.Id(1, TestNodes.Id(origin));
        writer.Number(2, generation);
        writer.Number(3, sequence);
        writer.Text(4, $"content {sequence}");
        writer.End(inner);
        writer.End(mark);
    }

    private static List<SentPacket> Of(IEnumerable<SentPacket> packets, MessageKind kind) => [.. packets.Where(packet => Messages(packet, kind).Any())];

    private static IEnumerable<byte[]> Messages(SentPacket packet, MessageKind kind) =>
        TestPacket.Messages(packet.Bytes).Where(message => message.Kind == kind).Select(message => message.Body);

    /// <summary>The numbers in the first message of a digest or a want.</summary>
    private static List<int> Sequences(SentPacket packet)
    {
        List<int> sequences = [];
        var reader = new WireReader(TestPacket.Messages(packet.Bytes).First(message => message.Kind is MessageKind.BroadcastDigest or MessageKind.BroadcastWant).Body);
        while (reader.Next())
        {
            if (reader.Field == RangeField && BroadcastRange.TryRead(reader.Bytes, out var range))
            {
                for (var i = 0; i < range.Width; i++)
                {
                    if (BroadcastRange.Has(range.Held, i))
                    {
                        sequences.Add((int)range.First + i);
                    }
                }
            }
        }

        return sequences;
    }

    private static ulong Number(byte[] message, int field)
    {
        ulong number = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                reader.Read(ref number);
            }
        }

        return number;
    }
}

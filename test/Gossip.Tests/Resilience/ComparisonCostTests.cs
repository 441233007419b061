using Gossip.Dissemination;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>What one packet can make an engine do is bounded.</summary>
public sealed class ComparisonCostTests
{
    private const long Connection = 7;
    private const int Repeats = 1000;
    private const int HashesField = 1;
    private const int BucketCountField = 1;
    private const int BucketMaskField = 2;
    private const int EntryField = 3;
    private const char FirstName = '\u0080';
    private const int Talkers = 60;
    private const int ValuesEach = 30;
    private const int ValueSize = 2000;

    /// <summary>The bound of an answer, and room for the frame with which it ends.</summary>
    private const int LargestAnswer = (2 * 1024 * 1024) + (256 * 1024);

    [Fact]
    public void A_frame_full_of_comparisons_costs_one_answer_of_each_kind()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        var frame = TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter writer) =>
        {
            for (var i = 0; i < Repeats; i++)
            {
                WriteDigest(ref writer);
                WriteVersions(ref writer);
                WriteWant(ref writer);
            }
        });

        a.Receive(new PacketSource(TestNodes.Endpoint('b'), Connection), frame);

        // The versions, the contents that were lacking, and those that were wanted.
        Assert.Equal(
            [MessageKind.SyncVersions, MessageKind.Member, MessageKind.Member],
            a.Take().Select(packet => TestPacket.Messages(packet.Bytes)[0].Kind));
    }

    [Fact]
    public void An_answer_is_cut_and_the_rest_follows_on_request()
    {
        var a = EngineHarness.Started('a');
        var names = Enumerable.Range(0, Talkers).Select(i => (char)(FirstName + i)).ToArray();
        foreach (var name in names)
        {
            a.Hear(name, TestNodes.Says(name, MemberState.Alive));
            a.Receive(name, (ref WireWriter writer) => WriteFacts(ref writer, name));
        }

        var b = EngineHarness.Started('b', 'a');
        a.Hear('b', TestNodes.Says('b', MemberState.Alive));
        a.Take();
        var pair = new EnginePair(a, b);
        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), 1));

        pair.ExchangeStreams();

        Assert.InRange(pair.LargestAnswer, ValuesEach * ValueSize, LargestAnswer);
        Assert.All(names, name => Assert.Equal(a.Member(name).Facts.Position, b.Member(name).Facts.Position));
        Assert.Equal(Talkers * ValuesEach, names.Sum(name => b.Member(name).Facts.Existing().Count()));
    }

    [Fact]
    public void An_outbox_gives_a_large_buffer_back()
    {
        const int large = 4 * 1024 * 1024;
        var outbox = new Outbox();
        outbox.Rent(large);
        outbox.Commit(TransmitPath.Stream, TestNodes.Endpoint('b'), 0, large);
        Assert.Equal(large, outbox.Size);

        outbox.Clear();

        Assert.Throws<ArgumentOutOfRangeException>(() => outbox.Memory(new Transmit(TransmitPath.Stream, default, 0, 0, large)));
    }

    private static void WriteDigest(ref WireWriter writer)
    {
        var mark = writer.Begin((int)MessageKind.SyncDigest);
        writer.Bytes(HashesField, new byte[sizeof(ulong)]);
        writer.End(mark);
    }

    private static void WriteVersions(ref WireWriter writer)
    {
        var mark = writer.Begin((int)MessageKind.SyncVersions);
        writer.Number(BucketCountField, 1);
        writer.Bytes(BucketMaskField, [1]);
        writer.End(mark);
    }

    private static void WriteWant(ref WireWriter writer)
    {
        var mark = writer.Begin((int)MessageKind.SyncWant);
        new SyncEntry { Subject = TestNodes.Instance('c') }.Write(ref writer, EntryField);
        writer.End(mark);
    }

    private static void WriteFacts(ref WireWriter writer, char owner)
    {
        var facts = new FactSet(new FactLimits());
        for (var i = 1; i <= ValuesEach; i++)
        {
            facts.Set(FactKind.Metadata, $"key{i}", new string('v', ValueSize), (ulong)i << HybridTimestamp.CounterBits);
        }

        var mark = writer.Begin((int)MessageKind.Facts);
        var nothing = default(FactsPosition);
        facts.WriteDelta(ref writer, TestNodes.Instance(owner), ref nothing);
        writer.End(mark);
    }
}

using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Dissemination;

/// <summary>Two engines that compare their views over a stream until both know the same.</summary>
public class AntiEntropyTests
{
    private const long Connection = 3;
    private const int MaxExchanges = 50;

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_comparison_makes_two_views_equal_whatever_each_side_knew(int seed)
    {
        var random = new Random(seed);
        var (a, b) = (EngineHarness.Started('a', 'b'), EngineHarness.Started('b', 'a'));
        foreach (var harness in new[] { a, b })
        {
            for (var i = 0; i < 40; i++)
            {
                MemberState[] states = [MemberState.Alive, MemberState.Leaving, MemberState.Left];
                harness.Hear('s', TestNodes.Says((char)random.Next('c', 'z'), states[random.Next(states.Length)], (ulong)random.Next(3), (ulong)random.Next(1, 3)));
            }

            harness.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Tag, $"tag-{seed}", true), new(FactKind.Metadata, "k", random.Next())]));
            harness.Take();
        }

        Assert.NotEqual(Text(a), Text(b));
        a.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('b'), 1));
        Exchange(a, b, seed);

        Assert.Equal(Text(a), Text(b));
    }

    [Fact]
    public void Facts_larger_than_a_frame_come_in_parts()
    {
        const int keys = 200;
        var options = TestNodes.Options('a') with { FactLimits = new FactLimits { MaxBytes = 1024 * 1024 } };
        var a = new EngineHarness(options);
        a.Do((engine, now) => engine.Start(now, joining: false));
        var b = new EngineHarness(TestNodes.Options('b') with { FactLimits = options.FactLimits });
        b.Do((engine, now) => engine.Start(now, joining: true));
        for (var i = 0; i < keys; i++)
        {
            a.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Metadata, $"key-{i}", new string('x', 4000))]));
        }

        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), 1));
        Exchange(b, a, seed: 0);

        Assert.Equal(keys, b.Member('a').Facts.Metadata.Count);
    }

    /// <summary>Carries streams between the two until neither has anything to say; rumours are left out.</summary>
    private static void Exchange(EngineHarness a, EngineHarness b, int seed)
    {
        for (var i = 0; i < MaxExchanges; i++)
        {
            var (fromA, fromB) = (Streams(a), Streams(b));
            if (fromA.Count == 0 && fromB.Count == 0)
            {
                return;
            }

            fromA.ForEach(packet => b.Receive(new PacketSource(a.Options.Endpoint, Connection), packet.Bytes));
            fromB.ForEach(packet => a.Receive(new PacketSource(b.Options.Endpoint, Connection), packet.Bytes));
        }

        Assert.Fail($"Seed {seed}: the comparison does not end.");
    }

    private static List<SentPacket> Streams(EngineHarness harness) => [.. harness.Take().Where(packet => packet.Path != TransmitPath.Datagram)];

    private static string Text(EngineHarness harness) => string.Join('\n', harness.Engine.Table.All.OrderBy(member => member.Id).Select(member =>
        $"{member.Instance} {(member.State == MemberState.Suspect ? MemberState.Alive : member.State)} {member.Incarnation} {string.Join(',', member.Facts.Tags)} {string.Join(',', member.Facts.Metadata.Select(pair => $"{pair.Key}={pair.Value}"))}"));
}

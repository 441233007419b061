using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>Whatever bytes arrive: the engine does not throw, does not grow without bound, and remains itself.</summary>
public class EngineFuzzTests
{
    private const int Packets = 50_000;
    private const int CheckEvery = 500;
    private const int MaxMembers = 24;
    private const int MaxRumours = 256;
    private const int MaxUserRumours = 32;
    private const int MaxUserRumourBytes = 8 * 1024;
    private const int MaxFactBytes = 2048;
    private const char Newcomer = '!';

    private static readonly NodeInstance Self = GoldenPackets.B;

    public static TheoryData<int> Seeds => [1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_and_damaged_packets_do_no_harm(int seed)
    {
        var fuzzer = new PacketFuzzer(seed);
        var harness = Start();
        var incarnation = 0UL;
        for (var i = 0; i < Packets; i++)
        {
            var packet = fuzzer.Next();
            var (endpoint, connection) = fuzzer.Source();
            try
            {
                harness.Receive(new PacketSource(endpoint, connection), packet);
                harness.Advance(fuzzer.Pause());
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}, packet {i} ({Convert.ToHexString(packet)}): {e}");
            }

            Assert.All(harness.Take(), AssertCanBeSent);
            harness.Events.Clear();
            Assert.True(harness.Engine.Table.Local.Incarnation >= incarnation, $"Seed {seed}, packet {i}: the incarnation fell.");
            incarnation = harness.Engine.Table.Local.Incarnation;
            if (i % CheckEvery == 0)
            {
                AssertIsItself(harness.Engine, $"Seed {seed}, packet {i}");
                AssertIsBounded(harness.Engine, $"Seed {seed}, packet {i}");
            }
        }

        AssertAnswersPings(harness);
        Assert.True(harness.Engine.PacketsRefused is > 0 and < Packets, "Some packets should have been taken, and some refused.");
    }

    private static EngineHarness Start()
    {
        var harness = new EngineHarness(TestNodes.Options('x') with
        {
            Self = Self,
            Endpoint = GoldenPackets.EndpointB,
            ClusterHash = GoldenPackets.Cluster,
            Timing = ProtocolTiming.Local,
            MaxMembers = MaxMembers,
            MaxSystemRumours = MaxRumours,
            MaxUserRumours = MaxUserRumours,
            MaxUserRumourBytes = MaxUserRumourBytes,
            FactLimits = new FactLimits { MaxBytes = MaxFactBytes },
        });
        harness.Do((engine, now) => engine.Start(now, joining: false));
        harness.Do((engine, now) => engine.ChangeFacts(now, [new FactChange(FactKind.Tag, "mine", true)]));
        harness.Receive(new PacketSource(GoldenPackets.EndpointA, 0), GoldenPackets.Ping());
        return harness;
    }

    private static void AssertCanBeSent(SentPacket packet)
    {
        Assert.True(PacketHeader.TryRead(packet.Bytes, out var header));
        Assert.Equal(Self, header.Sender);
        var reader = new WireReader(packet.Bytes.AsSpan(PacketHeader.Size));
        while (reader.Next())
        {
        }

        Assert.False(reader.Malformed);
    }

    private static void AssertIsItself(GossipEngine engine, string when)
    {
        var self = engine.Table.Local;
        Assert.True(self.Instance == Self, when);
        Assert.True(self.State == MemberState.Alive, when);
        Assert.True(self.Endpoint == GoldenPackets.EndpointB, when);
        Assert.True(self.Traits == MemberTraits.None, when);
        Assert.True(self.Facts.Tags is ["mine"], when);
        Assert.True(self.Facts.Count == 1, when);
    }

    private static void AssertIsBounded(GossipEngine engine, string when)
    {
        Assert.True(engine.Table.Count <= MaxMembers, when);
        Assert.True(engine.Table.SlotCount <= MaxMembers, when);
        Assert.True(engine.Table.PresentCount == engine.Table.All.Count(member => member.IsPresent), when);
        Assert.True(engine.SystemRumours.Count <= MaxRumours, when);
        Assert.True(engine.UserRumours.Count <= MaxUserRumours, when);
        Assert.True(engine.UserRumours.Bytes <= MaxUserRumourBytes, when);
        Assert.All(engine.Table.All, member => Assert.True(member.Facts.SizeInBytes <= MaxFactBytes * FactLimits.ReplicaHeadroom, when));
    }

    private static void AssertAnswersPings(EngineHarness harness)
    {
        // Of the members that it knew lies were told, so somebody asks of whom it has not heard.
        harness.Take();
        var ping = TestPacket.Of(
            TestNodes.Instance(Newcomer),
            static (ref writer) => new ProbeMessage { Sequence = 5, Target = Self }.Write(ref writer, MessageKind.Ping),
            GoldenPackets.Cluster);
        harness.Receive(new PacketSource(TestNodes.Endpoint(Newcomer), 0), ping);

        Assert.Contains(
            harness.Take(),
            packet => packet.To == TestNodes.Endpoint(Newcomer) && TestPacket.Messages(packet.Bytes) is [(MessageKind.Ack, [0x08, 0x05], _), ..]);
    }
}

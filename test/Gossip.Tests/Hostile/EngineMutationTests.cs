using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>
/// A whole engine under mutated packets of every kind: nothing throws, the memory that one packet costs is bounded, and a packet that is not of the
/// cluster changes nothing at all.
/// </summary>
public sealed class EngineMutationTests
{
    private const int MaxMembers = 24;
    private const int MaxRumours = 256;
    private const int MaxFactBytes = 2048;
    private const long Connection = 3;

    /// <summary>A newcomer, its facts and its suspicion; what is answered goes into a buffer that lasts.</summary>
    private const long AnswerBound = 16 * 1024;

    /// <summary>A packet full of small messages makes an entry or an event for every few bytes.</summary>
    private const long AnswerFactor = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mutated_packets_throw_nothing_cost_little_and_change_nothing_when_they_are_not_authentic(bool stream)
    {
        var engine = Start(out var outbox);
        var pauses = new Random(Fuzz.Seed);
        var now = new Moment(0, 1);
        var (refused, taken) = (0, 0);
        byte[][] golden = [.. GoldenPackets.Control.Select(packet => packet.Bytes), .. GoldenPackets.Data.Select(packet => packet.Bytes)];
        var source = new PacketSource(stream ? default : GoldenPackets.EndpointA, stream ? Connection : 0);

        Fuzz.Run($"engine, stream: {stream}", golden, AnswerBound, AnswerFactor, input =>
        {
            var authentic = IsAuthentic(input);
            var before = authentic ? default : Fingerprint.Of(engine);
            engine.OnPacket(now, source, input);
            if (authentic)
            {
                taken++;
            }
            else
            {
                refused++;
                Assert.True(before == Fingerprint.Of(engine));
                Assert.True(!outbox.ViewChanged);
                Assert.True(outbox.Transmits.Count == 0 || stream); // a stranger that joins over a stream is told why it cannot
                Assert.True(outbox.Events.TrueForAll(static item => item.Kind is EngineEventKind.IdentityConflict or EngineEventKind.TableFull or EngineEventKind.NewcomerRefused)); // reports of a join that was refused
            }

            outbox.Clear();
            now = new Moment(now.Ticks + pauses.Next((int)TimeSpan.TicksPerMillisecond), now.WallMicros + 1);
            if (engine.NextDeadline <= now.Ticks)
            {
                engine.OnTick(now);
                outbox.Clear();
            }
        });

        Assert.True(refused > Fuzz.Rounds / 100 && taken > Fuzz.Rounds / 4, $"{refused} refused, {taken} taken");
        Assert.Equal(GoldenPackets.B, engine.Table.Local.Instance);
        Assert.Equal(MemberState.Alive, engine.Table.Local.State);
        Assert.Equal(["mine"], engine.Table.Local.Facts.Tags);
        Assert.InRange(engine.Table.Count, 1, MaxMembers);
        Assert.InRange(engine.SystemRumours.Count, 0, MaxRumours);
    }

    private static bool IsAuthentic(ReadOnlySpan<byte> packet) =>
        PacketHeader.TryRead(packet, out var header)
        && header is { Kind: PacketKind.Control, KeyId: 0, Version: PacketHeader.CurrentVersion, ClusterHash: var cluster }
        && cluster == GoldenPackets.Cluster
        && header.Sender.Id != GoldenPackets.B.Id;

    private static GossipEngine Start(out Outbox outbox)
    {
        outbox = new Outbox();
        var engine = new GossipEngine(
            TestNodes.Options('x') with
            {
                Self = GoldenPackets.B,
                Endpoint = GoldenPackets.EndpointB,
                ClusterHash = GoldenPackets.Cluster,
                MaxMembers = MaxMembers,
                MaxSystemRumours = MaxRumours,
                FactLimits = new FactLimits { MaxBytes = MaxFactBytes },
            },
            outbox);
        var now = new Moment(0, 1);
        engine.Start(now, joining: false);
        engine.ChangeFacts(now, [new FactChange(FactKind.Tag, "mine", true)]);
        engine.OnPacket(now, new PacketSource(GoldenPackets.EndpointA, 0), GoldenPackets.Ping());
        outbox.Clear();
        return engine;
    }

    /// <summary>All that others could have changed, in a few numbers.</summary>
    private readonly record struct Fingerprint(int Members, int Present, int Rumours, int Broadcasts, int Awareness, int Table)
    {
        public static Fingerprint Of(GossipEngine engine)
        {
            var table = new HashCode();
            foreach (var member in engine.Table.All)
            {
                table.Add(member.Instance);
                table.Add(member.Endpoint);
                table.Add(((int)member.State, member.Incarnation, (int)member.Traits));
                table.Add((member.Facts.Version, member.Facts.Count, member.Suspicion?.Confirmations));
            }

            return new Fingerprint(
                engine.Table.Count,
                engine.Table.PresentCount,
                engine.SystemRumours.Count,
                engine.UserRumours.Count,
                engine.AwarenessScore,
                table.ToHashCode());
        }
    }
}

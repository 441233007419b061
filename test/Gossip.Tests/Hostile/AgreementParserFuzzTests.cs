using Gossip.Agreement;
using Gossip.Tests.Agreement;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>What a stranger can say of the agreement outside the messages of <see cref="AgreementCodecTests"/>.</summary>
public sealed class AgreementParserFuzzTests
{
    /// <summary>A notice has at most seven acceptors and seven stores, each in a list that grows.</summary>
    private const int NoticeBound = 16 * 1024;
    private const int Factor = 64;

    private static readonly AgreementNotice Notice = new()
    {
        Store = Guid.AllBitsSet,
        IsDurable = true,
        OffersSeat = true,
        Zone = "east",
        Founders = AgreementCluster.Incarnation,
        FoundingSeat = 2,
        Lineage = new Lineage(AgreementCluster.Incarnation, Guid.AllBitsSet, 3),
        Configuration = Configuration.Of(4, [AgreementCluster.Id(1), AgreementCluster.Id(2), AgreementCluster.Id(3)]),
        Expect = 3,
        ExpectOf = 5,
        Disowned = 4,
        Boots = 5,
        Life = 6,
        Sightings = [new StoreSighting(Guid.AllBitsSet, 7, 8), new StoreSighting(AgreementCluster.Incarnation, 9, 10, IsTwofold: true)],
    };

    [Fact]
    public void Notices_survive()
    {
        var read = AgreementNotice.Read(Notice.Encode())!;
        Assert.Equal(Notice.Encode(), read.Encode());
        Assert.Equal((5L, 6UL), (read.Boots, read.Life));
        Assert.Equal(Notice.Sightings, read.Sightings);
    }

    [Fact]
    public void Notices() => Fuzz.Run("notice", [Notice.Encode(), new AgreementNotice { Store = Guid.AllBitsSet }.Encode()], NoticeBound, Factor, static input =>
    {
        if (AgreementNotice.Read(input) is { } notice)
        {
            Assert.True(notice is { Boots: >= 0, Disowned: >= 0, FoundingSeat: >= -1, Sightings.Length: <= Configuration.MaxAcceptors });
            Assert.True(notice.Configuration is null or { Epoch: >= 0, Acceptors.Length: > 0 and <= Configuration.MaxAcceptors });
        }
    });

    [Fact]
    public void Turns() => Fuzz.Run("turn", [TurnFormat.Encode(new TurnMessage(TurnStep.Ask, new Turn(AgreementCluster.Life(3), 4)))], 0, 0, static input =>
    {
        if (TurnFormat.TryRead(input, out var message))
        {
            Assert.True(message.Step is >= TurnStep.Ask and <= TurnStep.End);
        }
    });

    [Fact]
    public void Packets()
    {
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Agreement, 0, GoldenPackets.Cluster, GoldenPackets.A);
        var golden = AgreementPacket.Write(header, MessageKind.Proposal, 7, new byte[40]);
        Fuzz.Run("agreement packet", [golden], 0, 0, static input =>
        {
            if (PacketHeader.TryRead(input, out _) && AgreementPacket.TryRead(input, out _, out _, out var body))
            {
                Assert.True(body.Length <= input.Length);
            }
        });
    }
}

using System.Net;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>Who leaves requests unanswered is noted as long as it votes, or could.</summary>
public sealed class AttendanceTests
{
    private static readonly AcceptorId Self = AgreementCluster.Id(1);
    private readonly AgreementOutbox _outbox = new();
    private readonly AgreementEngine _engine;

    public AttendanceTests() => _engine = new AgreementEngine(
        new AgreementSetup
        {
            Self = AgreementCluster.Life(1),
            Acceptor = Self,
            Address = NodeEndpoint.From(IPAddress.Loopback, 1),
            Cluster = "seats",
            Format = TableFormat.Instance,
            Founding = FoundingPlan.Never,
            RandomSeed = 1,
        },
        new Acceptor(Self),
        _outbox);

    private Attendance Attendance => _engine.Proposer.Attendance;

    [Fact]
    public void Those_that_neither_vote_nor_could_are_forgotten()
    {
        var configuration = Configuration.Of(1, [AgreementCluster.Id(2), AgreementCluster.Id(3)]);
        _engine.OnPeers(1, [Peer(2, configuration), Peer(4)]);
        for (var node = 2; node < 100; node++)
        {
            Attendance.Asked(AgreementCluster.Id(node), 1);
        }

        _engine.OnPeers(2, [Peer(2, configuration), Peer(4)]);
        Assert.Equal(3, Attendance.Count); // two with seats, and one that could get one
        Assert.True(IsSilent(3) && IsSilent(4));

        _engine.OnPeers(3, [Peer(2, Configuration.Of(2, [AgreementCluster.Id(2)])), Peer(4)]);
        Assert.Equal(2, Attendance.Count);
        _engine.OnPeers(4, [Peer(2)]);
        Assert.Equal(1, Attendance.Count);
    }

    private bool IsSilent(int node) => Attendance.IsSilent(AgreementCluster.Id(node), 1 + TimeSpan.FromSeconds(1).Ticks, TimeSpan.FromSeconds(1));

    private static AgreementPeer Peer(int node, Configuration? configuration = null) => new(
        AgreementCluster.Id(node).Node,
        NodeEndpoint.From(IPAddress.Loopback, (ushort)node),
        PeerPresence.Present,
        new AgreementNotice { Store = AgreementCluster.Id(node).Store, OffersSeat = true, Lineage = new Lineage(AgreementCluster.Incarnation, Guid.Empty, 0), Configuration = configuration });
}

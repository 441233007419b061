using System.Collections.Immutable;
using System.Net;
using Gossip.Agreement;
using Gossip.Simulation.Registers;
using Gossip.Transport;

namespace Gossip.Tests.Agreement.Founding;

/// <summary>Nodes as founding sees them.</summary>
internal static class FoundingSetup
{
    public const string Cluster = "test";
    private const int FirstPort = 7000;
    private const int StoresOfNode = 100;

    public static ImmutableArray<NodeEndpoint> Endpoints { get; } = [.. Enumerable.Range(0, 9).Select(Endpoint)];

    public static NodeEndpoint Endpoint(int node) => NodeEndpoint.From(IPAddress.Loopback, (ushort)(FirstPort + node));

    /// <summary>A node with a store of its own: no two nodes share one.</summary>
    public static AcceptorId Acceptor(int node, int store = 1) => AgreementCluster.Id(node + 1, (node * StoresOfNode) + store);

    public static FoundingPlan Listed(int count) => new(FoundingKind.Listed, Endpoints[..count]);

    public static FoundingPlan Expected(int expected, int of) => new(FoundingKind.Expected, [], expected, of);

    public static FoundingPlan Plan(FoundingKind kind) => new(kind, []);

    public static AgreementSetup Founder(int node, FoundingPlan plan, bool isDurable = true, bool offersSeat = true, NodeEndpoint? at = null, int store = 1) => new()
    {
        Self = new NodeInstance(Acceptor(node).Node, (ulong)store),
        Acceptor = Acceptor(node, store),
        Address = at ?? Endpoint(node),
        Cluster = Cluster,
        Format = Notes.None,
        Founding = plan,
        IsDurable = isDurable,
        OffersSeat = offersSeat,
        RandomSeed = (ulong)node + 1,
    };

    /// <summary>What a node like that tells before it knows a cluster.</summary>
    public static AgreementPeer Peer(AgreementSetup setup, PeerPresence presence = PeerPresence.Present)
    {
        var foundation = new Foundation(setup, setup.FoundingTiming);
        return new AgreementPeer(setup.Self.Id, setup.Address, presence, new AgreementNotice
        {
            Store = setup.Acceptor.Store,
            IsDurable = setup.IsDurable,
            OffersSeat = setup.OffersSeat,
            IsObserver = !setup.OffersSeat,
            Founders = foundation.OwnIndex >= 0 ? foundation.List!.Id : Guid.Empty,
            FoundingSeat = foundation.OwnIndex,
            Expect = setup.Founding.Expected,
            ExpectOf = setup.Founding.Of,
        });
    }

    public static AgreementPeer Peer(int node, FoundingPlan plan) => Peer(Founder(node, plan));

    public static AgreementPeer Knows(this AgreementPeer peer, Lineage lineage) => peer with { Notice = peer.Notice! with { Lineage = lineage } };

    public static AgreementPeer Silent(int node) => new(Acceptor(node).Node, Endpoint(node), PeerPresence.Present, null);
}

using System.Collections.Immutable;
using System.Net;

namespace Gossip;

/// <summary>
/// What one node knows of the cluster's table at one moment, see <see cref="GossipNode.GetTableStatusAsync"/>: from what it decided itself and from gossip, without asking anybody. So it may be seconds old,
/// and a node that is cut off takes the others for gone; only a read tells for sure whether there is a quorum.
/// </summary>
public sealed record TableStatus
{
    /// <summary>Whether the node knows a table. Until then calls wait, and <see cref="Diagnosis"/> says for whom.</summary>
    public bool IsFounded => Incarnation != Guid.Empty;

    /// <summary>Tells this table from any other, drawn when it was founded; empty before.</summary>
    public required Guid Incarnation { get; init; }

    /// <summary>Counts how often those who decide changed, from 1; 0 before the table is founded.</summary>
    public required long Epoch { get; init; }

    /// <summary>Those who decide, most often three; a majority of them has to agree to each change. Empty before the table is founded.</summary>
    public required ImmutableArray<TableAcceptor> Acceptors { get; init; }

    /// <summary>Whether a majority of the acceptors serves, as far as this node knows.</summary>
    public bool HasQuorum => Acceptors.Count(static acceptor => acceptor.State == TableAcceptorState.Serving) > Acceptors.Length / 2;

    /// <summary>Whether this node is one of the acceptors.</summary>
    public required bool HasSeat { get; init; }

    /// <summary>
    /// Whether this node has the changes decided for all, as far as it knows. At most times one node is, and at some none or, for a moment, two: any node can take over at any time, and nothing but
    /// speed depends on who does.
    /// </summary>
    public required bool IsInCharge { get; init; }

    /// <summary>The highest number of a version that the node heard of; null when it heard of none. See <see cref="TableVersion.Number"/>.</summary>
    public required int? KnownVersion { get; init; }

    /// <summary>What is amiss and with whom, in a sentence for people; empty when all acceptors serve.</summary>
    public required string Diagnosis { get; init; }
}

/// <summary>One of those who decide about the table: a node with one particular store.</summary>
/// <param name="Node">The node.</param>
/// <param name="Address">Where it is; null when this node does not know it.</param>
/// <param name="IsDurable">Whether its store outlives its process; null when this node did not hear of it.</param>
/// <param name="State">What this node knows of it.</param>
public sealed record TableAcceptor(NodeId Node, IPEndPoint? Address, bool? IsDurable, TableAcceptorState State);

/// <summary>What is known of an acceptor.</summary>
public enum TableAcceptorState
{
    /// <summary>Its node is there with its store.</summary>
    Serving = 0,

    /// <summary>Its node is dead, cut off or stopped; it may come back. If it does not, another node takes its place, as long as there is a quorum.</summary>
    Missing = 1,

    /// <summary>Its node is there and leaves the requests of the one in charge without an answer: its disk may hang. Only the one in charge sees this.</summary>
    Silent = 2,

    /// <summary>It never votes again: its node came back without its store, or its store failed, or it gave its seat away. Another node takes its place, as long as there is a quorum.</summary>
    Lost = 3,
}

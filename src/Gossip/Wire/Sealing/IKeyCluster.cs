namespace Gossip.Wire;

/// <summary>How a key ring reaches those of the other members.</summary>
internal interface IKeyCluster
{
    NodeInstance Self { get; }

    /// <summary>The members that take part now, without this node.</summary>
    IReadOnlyList<NodeInstance> Others { get; }

    /// <summary>Asks one member; the report, or why there is none.</summary>
    Task<(KeyReport? Report, GossipException? Error)> AskAsync(NodeInstance member, KeyOrder order, CancellationToken cancellationToken);
}

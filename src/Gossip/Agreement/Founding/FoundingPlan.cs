using System.Collections.Immutable;
using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>How the first register of a cluster comes about.</summary>
internal enum FoundingKind
{
    /// <summary>Not by this node: it waits for one that exists.</summary>
    Never,

    /// <summary>By a majority of the nodes at the listed addresses.</summary>
    Listed,

    /// <summary>By this node alone, because it was told so.</summary>
    Alone,

    /// <summary>By this node alone, unless another developer's node on this machine came first.</summary>
    Developer,

    /// <summary>By nodes that find each other, once so many have of so many in all.</summary>
    Expected,
}

/// <summary>What a node was told about founding.</summary>
/// <param name="Kind">How.</param>
/// <param name="Founders">The listed addresses.</param>
/// <param name="Expected">How many must find each other.</param>
/// <param name="Of">Of how many in all.</param>
internal sealed record FoundingPlan(FoundingKind Kind, ImmutableArray<NodeEndpoint> Founders, int Expected = 0, int Of = 0)
{
    public static FoundingPlan Never { get; } = new(FoundingKind.Never, []);

    /// <summary>For <see cref="FoundingKind.Alone"/>: addresses or names of others that may know a cluster, and so are heard first.</summary>
    public ImmutableArray<string> Seeds { get; init; } = [];
}

namespace Gossip;

/// <summary>
/// Says at which addresses other nodes may be, when that is known only at run time: from a service registry, say. It is asked at the start, and again whenever the node looks for others: after
/// 1 to 30 seconds while somebody is missing, and every 5 seconds while nobody is. What it said last counts.
/// </summary>
/// <remarks>Add it to <see cref="GossipOptions.SeedProviders"/>, or as a service with <c>AddGossipSeedProvider</c>.</remarks>
public interface ISeedProvider
{
    /// <summary>The addresses now.</summary>
    /// <param name="cancellationToken">Fires when the node stops.</param>
    /// <returns>
    /// Addresses in any format of <see cref="GossipAddress"/>, at most 1024; this node's own may be among them. None is an answer, too. Those that are malformed are logged and left out.
    /// </returns>
    /// <remarks>When it throws, or needs more than ten seconds, that is logged, and what it said last goes on being tried.</remarks>
    ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken);
}

using Gossip.Agreement;
using Gossip.Metadata;

namespace Gossip.Node;

/// <summary>What the library's own parts on a node tell all others, by its engine.</summary>
internal sealed class SystemFacts(Pump pump, ViewFeed views, bool isHeard = true) : ISystemFacts
{
    public bool IsHeard => isHeard;

    public ClusterView View => views.Current;

    public Task ChangeAfter(ClusterView seen) => views.ChangeAfter(seen);

    public Task SetAsync(string key, MetadataValue? value, CancellationToken cancellationToken) => pump.CallAsync(
        (engine, now) =>
        {
            engine.ChangeFacts(now, [new FactChange(FactKind.System, key, value)]);
            return true;
        },
        cancellationToken);
}

using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// Remembers which life of which node opened which store how often. A directory that was copied, or restored from a backup, does not know what was promised since; the others who saw the other copy do, and tell its
/// node. Pure.
/// </summary>
internal sealed class StoreWatch
{
    private readonly Dictionary<NodeId, StoreSighting> _seen = [];

    /// <summary>What is told to all of the stores that have seats; the same until it changes.</summary>
    public ImmutableArray<StoreSighting> Told { get; private set; } = [];

    /// <summary>Takes what the members tell of their stores.</summary>
    public void Look(IReadOnlyDictionary<NodeId, AgreementPeer> peers, Configuration? configuration)
    {
        foreach (var peer in peers.Values)
        {
            if (peer is { IsPresent: true, Notice: { IsDurable: true } notice })
            {
                var now = new StoreSighting(notice.Store, notice.Boots, notice.Life);
                _seen[peer.Id] = _seen.TryGetValue(peer.Id, out var before) ? before.And(now) : now;
            }
        }

        foreach (var node in _seen.Keys)
        {
            if (!peers.ContainsKey(node) && configuration?.Acceptors.Any(seat => seat.Node == node) != true)
            {
                _seen.Remove(node);
            }
        }

        ImmutableArray<StoreSighting> told = [.. (configuration?.Acceptors ?? []).Where(seat => _seen.TryGetValue(seat.Node, out var seen) && seen.Store == seat.Store).Select(seat => _seen[seat.Node])];
        if (!told.SequenceEqual(Told))
        {
            Told = told;
        }
    }

    /// <summary>Whether a member saw a copy of this node's store that was opened as often or more often.</summary>
    public static AgreementPeer? FindWitness(IEnumerable<AgreementPeer> peers, AgreementSetup setup) => !setup.IsDurable
        ? null
        : peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { } notice }
            && notice.Sightings.Any(seen => seen.Refutes(setup.Acceptor.Store, setup.Boots, setup.Self.Generation)));
}

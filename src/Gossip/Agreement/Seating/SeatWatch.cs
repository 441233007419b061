namespace Gossip.Agreement;

/// <summary>
/// Follows the seats of a configuration: who was heard of, who is missing and since when, who is gone for good. Pure; times are the owner's steady clock.
/// </summary>
internal sealed class SeatWatch(TimeSpan patience)
{
    private readonly Dictionary<AcceptorId, long> _missingSince = [];
    private readonly HashSet<AcceptorId> _gone = [];

    /// <summary>The seat votes.</summary>
    public void Serves(AcceptorId seat) => _missingSince.Remove(seat);

    /// <summary>The seat does not vote: its node is dead, or it does not answer.</summary>
    public void Misses(AcceptorId seat, long now) => _missingSince.TryAdd(seat, now);

    /// <summary>The seat never votes again: its node left, or came back with another store.</summary>
    public void Gone(AcceptorId seat) => _gone.Add(seat);

    /// <summary>What to hold of each seat now.</summary>
    public Dictionary<AcceptorId, SeatState> Look(Configuration configuration, long now)
    {
        // What was known of the seats of earlier epochs is of no use.
        _gone.IntersectWith(configuration.Acceptors);
        foreach (var seat in _missingSince.Keys)
        {
            if (!configuration.Contains(seat))
            {
                _missingSince.Remove(seat);
            }
        }

        return configuration.Acceptors.ToDictionary(
            seat => seat,
            seat => _gone.Contains(seat) ? SeatState.Vacant
                : !_missingSince.TryGetValue(seat, out var since) ? SeatState.Serving
                : now - since >= patience.Ticks ? SeatState.Vacant
                : SeatState.Missing);
    }
}

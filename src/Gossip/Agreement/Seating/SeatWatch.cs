namespace Gossip.Agreement;

/// <summary>
/// Follows the seats of a configuration: who was heard of, who is missing and since when, who is gone for good. Pure; times are the owner's steady clock.
/// </summary>
internal sealed class SeatWatch
{
    private readonly Dictionary<AcceptorId, Absence> _missing = [];
    private readonly HashSet<AcceptorId> _gone = [];

    /// <summary>The seat votes.</summary>
    public void Serves(AcceptorId seat) => _missing.Remove(seat);

    /// <summary>The seat does not vote: its node is dead, or it does not answer.</summary>
    /// <param name="seat">The seat.</param>
    /// <param name="now">The time.</param>
    /// <param name="patience">How long it may be missing.</param>
    public void Misses(AcceptorId seat, long now, TimeSpan patience) =>
        _missing[seat] = new Absence(_missing.TryGetValue(seat, out var before) ? before.Since : now, patience);

    /// <summary>The seat never votes again: its node came back with another store.</summary>
    public void Gone(AcceptorId seat) => _gone.Add(seat);

    /// <summary>What to hold of each seat now.</summary>
    public Dictionary<AcceptorId, SeatState> Look(Configuration configuration, long now)
    {
        // What was known of the seats of earlier epochs is of no use.
        _gone.IntersectWith(configuration.Acceptors);
        foreach (var seat in _missing.Keys)
        {
            if (!configuration.Contains(seat))
            {
                _missing.Remove(seat);
            }
        }

        return configuration.Acceptors.ToDictionary(
            seat => seat,
            seat => _gone.Contains(seat) ? SeatState.Vacant
                : !_missing.TryGetValue(seat, out var absence) ? SeatState.Serving
                : now - absence.Since >= absence.Patience.Ticks ? SeatState.Vacant
                : SeatState.Missing);
    }

    private readonly record struct Absence(long Since, TimeSpan Patience);
}

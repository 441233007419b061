namespace Gossip.Node;

/// <summary>
/// The time of one call into a core. Protocol timers use <see cref="Ticks"/>, which never goes back; only stamps that are
/// compared between nodes use <see cref="WallMicros"/>, which may be skewed.
/// </summary>
/// <param name="Ticks">Monotonic time in units of 100 ns (as <see cref="TimeSpan.Ticks"/>), from an arbitrary start.</param>
/// <param name="WallMicros">Wall time in microseconds since the epoch of the hybrid clock.</param>
internal readonly record struct Moment(long Ticks, ulong WallMicros);

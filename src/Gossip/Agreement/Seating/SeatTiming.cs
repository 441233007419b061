namespace Gossip.Agreement;

/// <summary>How patient the seats are kept. Nothing but availability depends on it.</summary>
internal sealed record SeatTiming
{
    /// <summary>How often a node with a seat looks at all seats.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an acceptor whose store outlives its process may be missing: a restart, and a reboot of its host, take less.</summary>
    public TimeSpan DurablePatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an acceptor that keeps nothing on disk may be missing: if its process died it never comes back, and if it was cut off, waiting helps only so long.</summary>
    public TimeSpan VolatilePatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an acceptor whose node is there may leave requests without an answer: its disk hangs.</summary>
    public TimeSpan SilencePatience { get; init; } = TimeSpan.FromSeconds(10);
}

namespace Gossip.Simulation;

/// <summary>How links behave for now.</summary>
internal readonly record struct LinkConditions
{
    /// <summary>The one-way latency of the fastest link.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How much slower the slowest link is; each pair has its own place between.</summary>
    public TimeSpan LatencySpread { get; init; }

    /// <summary>The mean of the extra delay of each packet, which is distributed exponentially and so puts packets out of order.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The probability that a datagram is lost.</summary>
    public double Loss { get; init; }

    /// <summary>The probability that a datagram arrives twice.</summary>
    public double Duplication { get; init; }
}

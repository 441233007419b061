namespace Gossip.Tables;

/// <summary>The floor of <see cref="TableVersionFloor.Clock"/>. Two per second, because one is overtaken by storms of starts, and with four the numbers end in 2039.</summary>
internal static class ClockFloor
{
    public const int PerSecond = 2;

    /// <summary>What is left for commits above the last floor.</summary>
    public const int Headroom = 1 << 28;

    public static readonly DateTimeOffset Origin = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static int At(DateTimeOffset now) =>
        (int)Math.Clamp((now - Origin).Ticks * PerSecond / TimeSpan.TicksPerSecond, 0, int.MaxValue - Headroom);
}

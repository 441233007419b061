using System.Diagnostics;

namespace Gossip.Bench.Machine;

/// <summary>The clock that all processes of the machine share; see <see cref="Agents.Observation"/>.</summary>
internal static class MonotonicClock
{
    public static long Now => Stopwatch.GetTimestamp();

    public static double Seconds(long from, long to) => (to - from) / (double)Stopwatch.Frequency;

    public static double Milliseconds(long from, long to) => Seconds(from, to) * TimeSpan.MillisecondsPerSecond;
}

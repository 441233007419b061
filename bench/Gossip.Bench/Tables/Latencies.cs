using System.Diagnostics;

namespace Gossip.Bench.Tables;

/// <summary>How long things took, in milliseconds. Used by one at a time.</summary>
internal sealed class Latencies
{
    private const double Tail = 0.99;

    private readonly List<double> _samples = [];

    public int Count => _samples.Count;

    public double Mean => _samples.Average();

    public double Median => At(0.5);

    public double P99 => At(Tail);

    public double Worst => _samples.Max();

    public void AddSince(long start) => _samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

    public void AddRange(Latencies others) => _samples.AddRange(others._samples);

    private double At(double part)
    {
        var sorted = _samples.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
    }
}

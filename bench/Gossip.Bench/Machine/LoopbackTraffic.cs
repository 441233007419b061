using System.Globalization;

namespace Gossip.Bench.Machine;

/// <summary>What went over the loopback interface that a process sees: whole packets with their headers, TCP too. Linux only.</summary>
/// <param name="Bytes">Bytes received, link headers included.</param>
/// <param name="Packets">Packets received.</param>
internal readonly record struct LoopbackTraffic(long Bytes, long Packets)
{
    private const string Label = "lo:";

    public static LoopbackTraffic operator -(LoopbackTraffic a, LoopbackTraffic b) => new(a.Bytes - b.Bytes, a.Packets - b.Packets);

    /// <summary>Reads the counters in the network namespace of a process, which may be another than the reader's.</summary>
    public static LoopbackTraffic Read(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/net/dev").First(line => line.TrimStart().StartsWith(Label, StringComparison.Ordinal));
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new LoopbackTraffic(Number(fields[1]), Number(fields[2]));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Gossip.Bench.Machine;

/// <summary>What the kernel accounts to a process; for processes of any kind alike. Linux only.</summary>
/// <param name="ProcessorTime">User and system time.</param>
/// <param name="ResidentBytes">Memory that is resident, shared pages included.</param>
internal readonly record struct ProcessStatus(TimeSpan ProcessorTime, long ResidentBytes)
{
    /// <summary>USER_HZ, which the kernel keeps at 100 for all that it shows to processes.</summary>
    private const double ClockTicksPerSecond = 100;

    /// <summary>Where utime and stime are, counted from after the name in parentheses (man 5 proc).</summary>
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;
    private const string ResidentLabel = "VmRSS:";
    private const int BytesPerKilobyte = 1024;

    public static ProcessStatus Read(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ticks = Number(fields[UserTimeField]) + Number(fields[SystemTimeField]);
        var resident = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(ResidentLabel, StringComparison.Ordinal));
        var kilobytes = resident is null ? 0 : Number(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        return new ProcessStatus(TimeSpan.FromSeconds(ticks / ClockTicksPerSecond), kilobytes * BytesPerKilobyte);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Gossip.Bench.Machine;

/// <summary>How busy the whole machine is. Linux only.</summary>
internal static class ProcessorLoad
{
    /// <summary>A measurement waits until less than this part of the processors is in use, but not for ever: others may use the machine.</summary>
    private const double Calm = 0.35;

    private const int IdleField = 4;
    private const int WaitField = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Waits for calm, and says how busy the machine was last.</summary>
    public static async Task<double> AwaitCalmAsync(CancellationToken cancellationToken)
    {
        var begun = MonotonicClock.Now;
        while (OperatingSystem.IsLinux())
        {
            var (busyBefore, allBefore) = Read();
            await Task.Delay(Window, cancellationToken);
            var (busy, all) = Read();
            var load = (busy - busyBefore) / Math.Max(1.0, all - allBefore);
            if (load < Calm || MonotonicClock.Seconds(begun, MonotonicClock.Now) > Patience.TotalSeconds)
            {
                return load;
            }
        }

        return 0;
    }

    private static (long Busy, long All) Read()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var times = fields.Skip(1).Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        var all = times.Sum();
        return (all - times[IdleField - 1] - times[WaitField - 1], all);
    }
}

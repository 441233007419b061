namespace Gossip.Tests.Performance;

/// <summary>Counts what a thread, or the whole process, allocates.</summary>
internal static class Allocations
{
    private const int Times = 3;

    /// <summary>
    /// The least of several runs: a list that grows once more, or the runtime's own needs, are in some of them; what a packet costs is in each.
    /// </summary>
    public static long LeastOf(Action run) => LeastOf(run, GC.GetAllocatedBytesForCurrentThread);

    /// <summary>As <see cref="LeastOf(Action)"/>, for all threads together: only for tests that are <see cref="MeasuredAlone"/>.</summary>
    public static long LeastOfProcess(Action run) => LeastOf(run, static () => GC.GetTotalAllocatedBytes(precise: true));

    private static long LeastOf(Action run, Func<long> allocated)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Times; i++)
        {
            var before = allocated();
            run();
            least = Math.Min(least, allocated() - before);
        }

        return least;
    }
}

namespace Gossip.Tests.Performance;

/// <summary>Counts what a thread allocates.</summary>
internal static class Allocations
{
    private const int Times = 3;

    /// <summary>
    /// The least of several runs: a list that grows once more, or the runtime's own needs, are in some of them; what a packet costs is in each.
    /// </summary>
    public static long LeastOf(Action run)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Times; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

using System.Collections.Concurrent;
using Xunit;

namespace Gossip.Containers.Tests.Clusters;

/// <summary>Calls grains all the time, through whatever silos run. A call that fails is made again until it does not.</summary>
internal sealed class GrainCalls
{
    private const int Callers = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly ContainerCluster _cluster;
    private readonly Task[] _calling;
    private readonly ConcurrentBag<TimeSpan> _longest = [];
    private int _answered;
    private int _failed;
    private volatile bool _isOver;

    private GrainCalls(ContainerCluster cluster)
    {
        _cluster = cluster;
        _calling = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync))];
    }

    /// <summary>How many grains there are.</summary>
    public static int Grains => 30;

    public int Answered => Volatile.Read(ref _answered);

    public static GrainCalls Begin(ContainerCluster cluster) => new(cluster);

    /// <summary>Lets each caller end the call that it makes.</summary>
    public async Task EndAsync()
    {
        _isOver = true;
        await Task.WhenAll(_calling);
        TestContext.Current.SendDiagnosticMessage($"{Answered} calls of grains, {_failed} made again, the slowest answered after {_longest.Max().TotalSeconds:0.0} s with all its tries");
    }

    private async Task CallAsync()
    {
        var longest = TimeSpan.Zero;
        while (!_isOver)
        {
            var key = Random.Shared.Next(Grains);
            var begun = TimeProvider.System.GetTimestamp();
            while (!await TryAsync(key))
            {
                Interlocked.Increment(ref _failed);
                await Task.Delay(PauseAfterFailure);
            }

            Interlocked.Increment(ref _answered);
            var time = TimeProvider.System.GetElapsedTime(begun);
            longest = time > longest ? time : longest;
            await Task.Delay(Pause);
        }

        _longest.Add(longest);
    }

    private async Task<bool> TryAsync(long key)
    {
        var silos = _cluster.Running.ToArray();
        return silos.Length > 0 && await silos[Random.Shared.Next(silos.Length)].TryCallAsync(key, CancellationToken.None) is not null;
    }
}

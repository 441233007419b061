using Gossip.Bench.Agents;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Clusters;

/// <summary>A cluster under measurement: processes of one kind, and what they report.</summary>
internal abstract class Cluster(int nodes, Func<int, Place> placeOf) : IAsyncDisposable
{
    public const int MinNodes = 3;

    public int Nodes { get; } = nodes;

    public ObservationLog Log { get; } = new(nodes);

    /// <summary>The nodes that were not killed.</summary>
    public IReadOnlyCollection<int> Living => [.. Enumerable.Range(0, Nodes).Except(Killed)];

    public IEnumerable<MemberProcess> Running => Processes.Where(process => process.IsRunning);

    protected List<MemberProcess> Processes { get; } = [];

    private HashSet<int> Killed { get; } = [];

    /// <summary>Starts the seed, and whatever else can be done before the others join.</summary>
    public abstract Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Lets all others join through the seed at once.</summary>
    public abstract void JoinOthers();

    /// <summary>Lets node 0 broadcast.</summary>
    public abstract Task BroadcastAsync(int number);

    /// <summary>Lets node 0 ask all others, which it reports; false where there is no such thing.</summary>
    public virtual bool TryAskAll() => false;

    /// <summary>What only the processes themselves can tell; null when they do not.</summary>
    public virtual Task<AgentUsage?> ReadUsageAsync(CancellationToken cancellationToken) => Task.FromResult<AgentUsage?>(null);

    /// <summary>Kills the process of a node; the result is the time just before.</summary>
    public long Kill(int number)
    {
        Killed.Add(number);
        var victim = Processes.Single(process => process.Number == number);
        var at = MonotonicClock.Now;
        victim.Kill();
        return at;
    }

    public Task PauseAsync(IEnumerable<int> numbers) => SignalAsync("-STOP", numbers);

    public Task ResumeAsync(IEnumerable<int> numbers) => SignalAsync("-CONT", numbers);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes)
        {
            await process.DisposeAsync();
        }
    }

    protected Place PlaceOf(int number) => placeOf(number);

    private async Task SignalAsync(string signal, IEnumerable<int> numbers)
    {
        var ids = Processes.Where(process => numbers.Contains(process.Number)).Select(process => process.Id);
        var (succeeded, output) = await ShellCommand.RunAsync("/bin/sh", "-c", $"kill {signal} {string.Join(' ', ids)}");
        if (!succeeded)
        {
            throw new MeasurementException($"kill {signal} failed: {output}");
        }
    }
}

using Gossip.Bench.Agents;

namespace Gossip.Bench.Clusters;

/// <summary>All observations of a cluster, and whether each member is up in the eyes of each other.</summary>
internal sealed class ObservationLog(int nodes)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly List<Observation> _all = [];
    private readonly Observation?[,] _states = new Observation?[nodes, nodes];

    public void Add(in Observation observation)
    {
        lock (_gate)
        {
            _all.Add(observation);
            if (observation.Kind is ObservationKind.Up or ObservationKind.Dead && observation.Observer < nodes && observation.Subject < nodes)
            {
                // A suspect takes part still, and only one of the peers tells when a suspicion ends.
                ref var state = ref _states[observation.Observer, observation.Subject];
                state = state?.Kind == observation.Kind ? state : observation;
            }
        }
    }

    public Observation[] Since(long at, ObservationKind kind)
    {
        lock (_gate)
        {
            return [.. _all.Where(observation => observation.At >= at && observation.Kind == kind)];
        }
    }

    /// <summary>Whether each observer last saw each subject (but itself) in a state.</summary>
    public bool AllSee(IReadOnlyCollection<int> observers, IReadOnlyCollection<int> subjects, ObservationKind kind)
    {
        lock (_gate)
        {
            return observers.All(observer => subjects.All(subject => observer == subject || _states[observer, subject]?.Kind == kind));
        }
    }

    /// <summary>When each observer saw each subject come into its present state.</summary>
    public long[] Times(IReadOnlyCollection<int> observers, IReadOnlyCollection<int> subjects)
    {
        lock (_gate)
        {
            return [.. from observer in observers
                       from subject in subjects
                       where observer != subject && _states[observer, subject] is not null
                       select _states[observer, subject]!.Value.At];
        }
    }

    /// <summary>Waits until a condition holds; false when it does not in time.</summary>
    public static async Task<bool> WaitAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var left = patience; left > TimeSpan.Zero; left -= PollInterval)
        {
            if (condition())
            {
                return true;
            }

            await Task.Delay(PollInterval, cancellationToken);
        }

        return condition();
    }
}

using System.Globalization;

namespace Gossip.Simulation.Registers;

/// <summary>Visits every state that the engines can come to within some bounds, by their own code, but those that are like another one. Depth first, so that what is kept is the way to the state, and a fingerprint of each.</summary>
internal sealed class ReducedExploration
{
    /// <summary>After how many states progress is told.</summary>
    private const int Often = 1 << 20;

    private readonly ExplorationBounds _bounds;
    private readonly EngineSteps _steps;
    private readonly ReducedWorlds _worlds;
    private readonly FingerprintSet _visited = new();
    private readonly Stack<int[]> _ahead = [];
    private readonly HashSet<int> _noted = [];

    private ReducedExploration(ExplorationBounds bounds, Plant plant, Reductions reductions)
    {
        _bounds = bounds;
        _steps = new EngineSteps(bounds, plant, reductions);
        _worlds = new ReducedWorlds(bounds, _steps)
        {
            Reached = (world, fingerprint) =>
            {
                Steps++;
                if (_visited.Add(fingerprint))
                {
                    _ahead.Push(world.ToArray());
                    Note(ReducedWorlds.ChosenIn(world));
                }
            },
            Answered = bounds.Note,
        };
    }

    public long States => _visited.Count;

    public long Steps { get; private set; }

    public bool IsComplete { get; private set; }

    /// <summary>The most changes that were chosen, and the last epoch: to show that something happened.</summary>
    public int MostChosen { get; private set; }

    public long LastEpoch { get; private set; }

    public ViolationException? Violation { get; private set; }

    public string Parts => string.Create(CultureInfo.InvariantCulture, $"{_steps.Acceptors.Count} acceptors, {_steps.Proposers.Count} proposers, {_steps.Requests.Count} requests, {_steps.Replies.Count} replies, {_steps.Chosen.Count} chosen");

    public static ReducedExploration Run(ExplorationBounds bounds, Plant? plant = null, Reductions reductions = Reductions.All, Action<ReducedExploration>? progress = null)
    {
        var exploration = new ReducedExploration(bounds, plant ?? new Plant(), reductions);
        try
        {
            exploration.Visit(progress);
        }
        catch (ViolationException e)
        {
            exploration.Violation = e;
        }

        return exploration;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{States} states, {Steps} steps, {(IsComplete ? "complete" : "not complete")}, {MostChosen} changes chosen, epoch {LastEpoch}, {Violation?.Message ?? "no violation"} ({Parts})");

    private void Note(int chosen)
    {
        if (_noted.Add(chosen))
        {
            var latest = _steps.Chosen[chosen].Latest;
            _bounds.Note(latest);
            MostChosen = Math.Max(MostChosen, ChosenValues.Texts(latest).Length);
            LastEpoch = Math.Max(LastEpoch, latest.Configuration.Epoch);
        }
    }

    private void Visit(Action<ReducedExploration>? progress)
    {
        _worlds.Begin();
        long expanded = 0;
        while (_ahead.TryPop(out var world))
        {
            _worlds.Expand(world);
            if ((++expanded & (Often - 1)) == 0)
            {
                progress?.Invoke(this);
            }

            if (States >= _bounds.MaxStates)
            {
                return;
            }
        }

        if (_steps.Reductions.HasFlag(Reductions.DeadMessages))
        {
            _steps.CheckThatVoidStaysVoid();
        }

        IsComplete = true;
    }
}

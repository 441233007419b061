using System.Globalization;

namespace Gossip.Simulation.Registers;

/// <summary>
/// Visits every state that the engines can come to within some bounds, by their own code, and spares itself next to nothing: for small bounds, and to see
/// that <see cref="ReducedExploration"/> loses nothing by what it spares itself.
/// </summary>
internal sealed class Exploration
{
    public long States { get; private set; }

    public long Steps { get; private set; }

    public int Depth { get; private set; }

    /// <summary>Whether nothing was left to visit.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The most values that were chosen in a state, and the last epoch: to show that something happened.</summary>
    public int MostChosen { get; private set; }

    public long LastEpoch { get; private set; }

    public ViolationException? Violation { get; private set; }

    public static Exploration Run(ExplorationBounds bounds, Plant? plant = null)
    {
        var exploration = new Exploration();
        try
        {
            exploration.Visit(ExploredWorld.Begin(bounds, plant ?? new Plant()), bounds);
        }
        catch (ViolationException e)
        {
            exploration.Violation = e;
        }

        return exploration;
    }

    /// <summary>Takes one way only: steps are named by how they begin, and what is void is passed by.</summary>
    public static Exploration Walk(ExplorationBounds bounds, Plant plant, params ReadOnlySpan<string> steps)
    {
        var exploration = new Exploration();
        var world = ExploredWorld.Begin(bounds, plant);
        foreach (var name in steps)
        {
            try
            {
                world = Next(world, name);
            }
            catch (ViolationException e)
            {
                exploration.Violation = e;
                break;
            }

            exploration.Steps++;
            exploration.MostChosen = Math.Max(exploration.MostChosen, world.Chosen);
        }

        return exploration;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{States} states, {Steps} steps, {Depth} deep, {(IsComplete ? "complete" : "not complete")}, {MostChosen} values chosen, epoch {LastEpoch}, {Violation?.Message ?? "no violation"}");

    private static ExploredWorld Next(ExploredWorld world, string name)
    {
        while (true)
        {
            var steps = world.Steps().ToList();
            if (steps.Find(step => step.What.StartsWith(name, StringComparison.Ordinal)).World is { } next)
            {
                return next;
            }

            world = steps.Find(step => step.What.StartsWith("void", StringComparison.Ordinal)).World ?? throw new ArgumentException($"'{name}' cannot happen, only: {string.Join("; ", steps.Select(step => step.What))}", nameof(name));
        }
    }

    private void Visit(ExploredWorld first, ExplorationBounds bounds)
    {
        var seen = new HashSet<ulong> { first.Hash };
        var level = new List<ExploredWorld> { first };
        while (level.Count > 0)
        {
            var next = new List<ExploredWorld>();
            foreach (var world in level)
            {
                States++;
                bounds.Note(world.Latest);
                MostChosen = Math.Max(MostChosen, world.Chosen);
                LastEpoch = Math.Max(LastEpoch, world.Epoch);
                foreach (var (_, after) in world.Steps())
                {
                    Steps++;
                    if (seen.Add(after.Hash))
                    {
                        next.Add(after);
                    }
                }

                if (States >= bounds.MaxStates)
                {
                    return;
                }
            }

            level = next;
            Depth++;
        }

        IsComplete = true;
    }
}

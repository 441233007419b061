using System.Diagnostics;
using System.Globalization;

namespace Gossip.Simulation.Registers;

/// <summary>Explores within bounds that are given on the command line.</summary>
internal static class ExplorationCommand
{
    private const string Without = "no-";
    private const string Newcomer = "newcomer";
    private const string Plain = "plain";
    private const string Seen = "seen";

    public static int Run(ReadOnlySpan<string> arguments)
    {
        Plant? plant = null;
        var numbers = new List<int>();
        var words = new HashSet<string>();
        var reductions = Reductions.All;
        foreach (var argument in arguments)
        {
            if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
            else if (argument.StartsWith(Without, StringComparison.Ordinal) && Enum.TryParse<Reductions>(argument[Without.Length..], ignoreCase: true, out var without))
            {
                reductions &= ~without;
            }
            else if (Plant.All.TryGetValue(argument, out var create))
            {
                plant = create();
            }
            else
            {
                words.Add(argument);
            }
        }

        if (numbers is not [var proposers, var operations, var reconfigurations, var duplicates, var restarts, var ticks, ..] || words.Except([Newcomer, Plain, Seen]).Any())
        {
            return 2;
        }

        var bounds = new ExplorationBounds
        {
            Proposers = proposers,
            Operations = operations,
            Reconfigurations = reconfigurations,
            Newcomers = words.Contains(Newcomer) ? 1 : 0,
            Duplicates = duplicates,
            Restarts = restarts,
            Ticks = ticks,
            MaxStates = numbers.Count > 6 ? numbers[6] : int.MaxValue,
            Observations = words.Contains(Seen) ? new SortedSet<string>(StringComparer.Ordinal) : null,
        };
        var begun = Stopwatch.GetTimestamp();
        ViolationException? violation;
        if (words.Contains(Plain))
        {
            var exploration = Exploration.Run(bounds, plant);
            violation = exploration.Violation;
            Tell(exploration, begun);
        }
        else
        {
            var exploration = ReducedExploration.Run(bounds, plant, reductions, progress: soFar => Tell(soFar, begun));
            violation = exploration.Violation;
            Tell(exploration, begun);
        }

        foreach (var observation in bounds.Observations ?? new HashSet<string>())
        {
            Console.WriteLine(observation);
        }

        return violation is null ? 0 : 1;
    }

    private static void Tell(object exploration, long begun) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{exploration} in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s with {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
}

using System.Diagnostics;
using System.Globalization;

namespace Gossip.Simulation.Registers;

/// <summary>Explores within bounds that are given on the command line.</summary>
internal static class ExplorationCommand
{
    public static int Run(ReadOnlySpan<string> arguments)
    {
        Plant? plant = null;
        var numbers = new List<int>();
        foreach (var argument in arguments)
        {
            if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
            else
            {
                plant = Plant.All[argument]();
            }
        }

        if (numbers is not [var proposers, var operations, var reconfigurations, var duplicates, var restarts, var ticks, ..])
        {
            return 2;
        }

        var begun = Stopwatch.GetTimestamp();
        var exploration = Exploration.Run(
            new ExplorationBounds
            {
                Proposers = proposers,
                Operations = operations,
                Reconfigurations = reconfigurations,
                Duplicates = duplicates,
                Restarts = restarts,
                Ticks = ticks,
                MaxStates = numbers.Count > 6 ? numbers[6] : int.MaxValue,
            },
            plant);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{exploration} in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s"));
        return exploration.Violation is null ? 0 : 1;
    }
}

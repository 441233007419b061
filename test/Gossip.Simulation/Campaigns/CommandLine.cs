using System.Globalization;

namespace Gossip.Simulation;

/// <summary>The arguments of the command.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        Simulates clusters and checks that they keep their promises.

          --seeds N         how many seeds of each scenario to play (default 100)
          --first-seed S    the first of them (default 1)
          --scenario NAME   only this scenario; may be repeated
          --jobs N          how many worlds at once (default: one per processor)
          --trace           write all that happens, for a single seed
          --bounds          print how far the bounds are from the worst run (best with --seeds 1000)
          --each            print a line for each run: two builds that behave alike print the same
          --without NAME    switch off nacks, awareness, confirmations or broadcastdigests, and see who notices
          --list            name the scenarios

          register S N [J]  plays N seeds of worlds that agree on a table, from S on, J at once
          explore P O R U S T [N] [newcomer] [no-X] [plain] [seen] [bug]
                            visits all states of P proposers with O changes each, R reconfigurations
                            (one is the most), U duplicates, S restarts and T timeouts, up to N states;
                            one seat goes, or goes to a newcomer; without reduction X, or plainly without
                            any; says what can be seen of it; with a bug

        The exit code is 1 when a promise was broken, and 2 when the arguments are wrong.
        """;

    public int Seeds { get; init; } = 100;

    public ulong FirstSeed { get; init; } = 1;

    public IReadOnlyList<string> Scenarios { get; init; } = [.. Scenario.All.Where(scenario => !scenario.Value().OnDemand).Select(scenario => scenario.Key)];

    public int Jobs { get; init; } = Environment.ProcessorCount;

    public bool Trace { get; init; }

    public bool List { get; init; }

    public bool Bounds { get; init; }

    public bool Each { get; init; }

    public Protection? Without { get; init; }

    /// <summary>Reads the arguments; null, and what is wrong, when they are not understood.</summary>
    public static CommandLine? Parse(ReadOnlySpan<string> arguments, out string error)
    {
        error = "";
        var read = new CommandLine();
        var scenarios = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--list":
                    read = read with { List = true };
                    continue;
                case "--bounds":
                    read = read with { Bounds = true };
                    continue;
                case "--each":
                    read = read with { Each = true };
                    continue;
                case "--trace":
                    read = read with { Trace = true };
                    continue;
                case "--seeds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seeds) && seeds > 0:
                    read = read with { Seeds = seeds };
                    break;
                case "--first-seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var first):
                    read = read with { FirstSeed = first };
                    break;
                case "--jobs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs) && jobs > 0:
                    read = read with { Jobs = jobs };
                    break;
                case "--without" when Enum.TryParse<Protection>(value, ignoreCase: true, out var protection) && Enum.IsDefined(protection):
                    read = read with { Without = protection };
                    break;
                case "--scenario" when Scenario.All.ContainsKey(value):
                    scenarios.Add(value);
                    break;
                default:
                    error = $"Not understood: {arguments[i]} {value}".TrimEnd();
                    return null;
            }

            i++;
        }

        if (read.Trace && read.Seeds != 1)
        {
            error = "--trace needs --seeds 1.";
            return null;
        }

        return scenarios.Count > 0 ? read with { Scenarios = scenarios } : read;
    }
}

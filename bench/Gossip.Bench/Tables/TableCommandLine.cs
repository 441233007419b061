using System.Globalization;

namespace Gossip.Bench.Tables;

/// <summary>The arguments of the command that measures the table.</summary>
internal sealed record TableCommandLine
{
    public const string Verb = "table";

    public const string Usage = """
        table               measures the table: compare-and-swap, failover, starts at once, many rows
          --runs R          how often each is measured, in turn with the peer (default 3)
          --only K,K,...    only these numbers of the list of targets: 13 14 15 18
          --kills K         how often the deciding process is killed, in all runs together (default 20)
          --no-peer         without the peer, etcd
        """;

    public static IReadOnlyList<int> AllTargets { get; } = [13, 14, 15, 18];

    public int Runs { get; init; } = 3;

    public int Kills { get; init; } = 20;

    public IReadOnlyList<int> Only { get; init; } = AllTargets;

    public bool Peer { get; init; } = true;

    /// <summary>Reads the arguments after the verb; null when they are not understood.</summary>
    public static TableCommandLine? Parse(IReadOnlyList<string> arguments)
    {
        var read = new TableCommandLine();
        for (var i = 1; i < arguments.Count; i++)
        {
            if (arguments[i] == "--no-peer")
            {
                read = read with { Peer = false };
            }
            else if (i + 1 < arguments.Count && read.With(arguments[i], [.. arguments[++i].Split(',').Select(Number)]) is { } next)
            {
                read = next;
            }
            else
            {
                return null;
            }
        }

        return read;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private TableCommandLine? With(string name, int[] numbers) => (name, numbers) switch
    {
        ("--runs", [> 0 and var runs]) => this with { Runs = runs },
        ("--kills", [> 0 and var kills]) => this with { Kills = kills },
        ("--only", _) when numbers.All(AllTargets.Contains) => this with { Only = numbers },
        _ => null,
    };
}

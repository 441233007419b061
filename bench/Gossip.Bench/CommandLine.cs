using System.Globalization;
using Gossip.Bench.Clusters;

namespace Gossip.Bench;

/// <summary>The arguments of the command.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        membership          measures membership: detection, false deaths, joins, healing, idle cost, broadcasts, simulator
          --nodes N,N,...   cluster sizes (default 10,30,60)
          --runs R          how often each is measured, in turn with the peer (default 5)
          --only K,K,...    only these numbers of the list of targets: 1 2 3 4 5 6 7 9 17
          --no-peer         without the peer, serf
          --plaintext       without keys; the peer at its defaults has none
          --in-process      all nodes in one process; what needs a kill, a pause or a cut is left out
          --agents HOW      Native, ReadyToRun or JustInTime: how agents are compiled (default Native, or what is possible)
          --profile NAME    Local, Lan or Wan, for both (default Lan)
          --json FILE       also writes the results as JSON
        report FILE...      one table of the results in several such files
        """;

    /// <summary>The numbers in the list of targets.</summary>
    public static IReadOnlyList<int> AllTargets { get; } = [1, 2, 3, 4, 5, 6, 7, 9, 17];

    public IReadOnlyList<int> Nodes { get; init; } = [10, 30, 60];

    public int Runs { get; init; } = 5;

    public IReadOnlyList<int> Only { get; init; } = AllTargets;

    public bool Peer { get; init; } = true;

    public bool Plaintext { get; init; }

    public bool InProcess { get; init; }

    public Compilation Agents { get; init; } = Compilation.Native;

    public GossipProfile Profile { get; init; } = GossipProfile.Lan;

    public string? JsonPath { get; init; }

    /// <summary>Reads the arguments; null, and what is wrong, when they are not understood.</summary>
    public static CommandLine? Parse(IReadOnlyList<string> arguments, out string error)
    {
        error = "Say what to do: membership, table, or report and the files";
        if (arguments is not ["membership", ..])
        {
            return null;
        }

        var read = new CommandLine();
        for (var i = 1; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            var flag = read.WithFlag(arguments[i]);
            var next = flag ?? read.WithValue(arguments[i], value);
            if (next is null)
            {
                error = $"Not understood: {arguments[i]} {value}".TrimEnd();
                return null;
            }

            read = next;
            i += flag is null ? 1 : 0;
        }

        return read;
    }

    private CommandLine? WithFlag(string name) => name switch
    {
        "--no-peer" => this with { Peer = false },
        "--plaintext" => this with { Plaintext = true },
        "--in-process" => this with { InProcess = true },
        _ => null,
    };

    private CommandLine? WithValue(string name, string value) => name switch
    {
        "--nodes" when Numbers(value) is { } nodes && nodes.All(n => n >= Cluster.MinNodes) => this with { Nodes = nodes },
        "--runs" when Numbers(value) is [> 0 and var runs] => this with { Runs = runs },
        "--only" when Numbers(value) is { } only && only.All(AllTargets.Contains) => this with { Only = only },
        "--agents" when Enum.TryParse<Compilation>(value, ignoreCase: true, out var agents) => this with { Agents = agents },
        "--profile" when Enum.TryParse<GossipProfile>(value, ignoreCase: true, out var profile) => this with { Profile = profile },
        "--json" when value.Length > 0 => this with { JsonPath = value },
        _ => null,
    };

    private static List<int>? Numbers(string text)
    {
        var numbers = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers;
    }
}

using System.Text.Json;
using Quorum.Nodes;
using Quorum.Tour;

namespace Quorum;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        Usage: Quorum [--help]

          --help   this text
        """;

    /// <summary>The argument with which the program starts itself as a node.</summary>
    public const string NodeArgument = "--node";

    public bool Help { get; private init; }

    /// <summary>The step whose claim is to be made false; for tests of the program itself.</summary>
    public string? Break { get; private init; }

    public NodeSettings? Node { get; private init; }

    public string? Error { get; private init; }

    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length && result.Error is null; i++)
        {
            result = args[i] switch
            {
                "--help" or "-h" => result with { Help = true },
                "--break" when i + 1 < args.Length && TourGuide.StepNames.Contains(args[i + 1]) => result with { Break = args[++i] },
                "--break" => result with { Error = $"--break needs one of: {string.Join(", ", TourGuide.StepNames)}" },
                NodeArgument when i + 1 < args.Length => result with { Node = JsonSerializer.Deserialize<NodeSettings>(args[++i]) },
                _ => result with { Error = $"Unknown argument: {args[i]}" },
            };
        }

        return result;
    }
}

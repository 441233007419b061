using System.Text.Json;
using OrleansCluster.Silos;
using OrleansCluster.Tour;

namespace OrleansCluster;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        Usage: OrleansCluster [--logs] [--help]

          --logs   what the silos and the client log, on standard error
          --help   this text
        """;

    /// <summary>The argument with which the program starts itself as a silo.</summary>
    public const string SiloArgument = "--silo";

    public bool Help { get; private init; }

    public bool Logs { get; private init; }

    /// <summary>The step whose claim is to be made false; for tests of the program itself.</summary>
    public string? Break { get; private init; }

    public SiloSettings? Silo { get; private init; }

    public string? Error { get; private init; }

    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length && result.Error is null; i++)
        {
            result = args[i] switch
            {
                "--help" or "-h" => result with { Help = true },
                "--logs" => result with { Logs = true },
                "--break" when i + 1 < args.Length && TourGuide.StepNames.Contains(args[i + 1]) => result with { Break = args[++i] },
                "--break" => result with { Error = $"--break needs one of: {string.Join(", ", TourGuide.StepNames)}" },
                SiloArgument when i + 1 < args.Length => result with { Silo = JsonSerializer.Deserialize<SiloSettings>(args[++i]) },
                _ => result with { Error = $"Unknown argument: {args[i]}" },
            };
        }

        return result;
    }
}

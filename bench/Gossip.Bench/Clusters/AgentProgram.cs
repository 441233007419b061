using System.Collections.Immutable;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Clusters;

/// <summary>The program that agents are: this one, compiled in one of several ways.</summary>
/// <param name="Compilation">How it is compiled.</param>
/// <param name="Command">What starts it.</param>
internal sealed record AgentProgram(Compilation Compilation, ImmutableArray<string> Command)
{
    private const string Project = "bench/Gossip.Bench";
    private const string Output = "artifacts/bench";
    private const string Runtime = "dotnet";

    /// <summary>
    /// As one would run many small processes on few cores: the workstation collector without a thread of its own. Methods that are compiled while it runs
    /// are compiled once, as they stay: in tiers the compiler works in the background for the first minutes, several times as much as the node, and
    /// would be most of what is measured as idle.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> Settings { get; } = ImmutableSortedDictionary<string, string>.Empty
        .Add("DOTNET_gcServer", "0")
        .Add("DOTNET_gcConcurrent", "0")
        .Add("DOTNET_TieredCompilation", "0");

    /// <summary>
    /// True when it needs no compiler: then it is measured from the start of its process, as the peer is. Otherwise it first plays nodes that nobody measures,
    /// because what the compiler takes on few cores would be most of what one sees.
    /// </summary>
    public bool StartsCold => Compilation == Compilation.Native;

    /// <summary>What a report says of it.</summary>
    public string Description => Compilation switch
    {
        Compilation.Native => "compiled ahead of time (Native AOT), as the peer is",
        Compilation.ReadyToRun => "compiled ahead of time where that is possible (ReadyToRun)",
        _ => "compiled while they run",
    };

    /// <summary>Builds the program as wanted. Where that is not possible, which is noted, as the next way allows; this program itself is always there.</summary>
    public static async Task<AgentProgram> BuildAsync(Compilation wanted, Action<string> note)
    {
        for (var compilation = wanted; compilation != Compilation.JustInTime; compilation++)
        {
            var (program, problem) = await PublishAsync(compilation);
            if (program is not null)
            {
                return program;
            }

            note($"Agents could not be built as {compilation}: {problem}");
        }

        return new AgentProgram(Compilation.JustInTime, [Runtime, Path.Combine(AppContext.BaseDirectory, $"{Name}.dll")]);
    }

    private static string Name => typeof(AgentProgram).Assembly.GetName().Name!;

    private static async Task<(AgentProgram? Program, string Problem)> PublishAsync(Compilation compilation)
    {
        if (SourceTree.FindRoot() is not { } root)
        {
            return (null, "the sources are not there");
        }

        // Under a path of its own, so that ordinary builds find what they left.
        var artifacts = Path.Combine(root, Output, compilation.ToString());
        var published = Path.Combine(artifacts, "agent");
        var property = compilation == Compilation.Native ? "-p:PublishAot=true" : "-p:PublishReadyToRun=true";
        var (succeeded, output) = await ShellCommand.RunAsync(
            Runtime, "publish", Path.Combine(root, Project), "-c", "Release", "--use-current-runtime", "--self-contained", compilation == Compilation.Native ? "true" : "false",
            property, "--artifacts-path", artifacts, "-o", published);
        if (!succeeded)
        {
            return (null, output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? "no reason was given");
        }

        return (new AgentProgram(compilation, [Path.Combine(published, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name)]), "");
    }
}

using Gossip.Containers.Tests.Engine;
using Gossip.Containers.Tests.Images;
using Xunit;

[assembly: AssemblyFixture(typeof(NodeImage))]

namespace Gossip.Containers.Tests.Images;

/// <summary>The image of the sample Node, built once for all tests of a run from what was compiled with them; and whatever a run leaves behind is removed here.</summary>
public sealed class NodeImage : IAsyncLifetime
{
    private static readonly string Run = $"{Guid.NewGuid():N}"[..8];

    /// <summary>Why nothing can be tried here; null when it can.</summary>
    public string? Obstacle { get; private set; }

    internal IContainerEngine Engine { get; } = new DockerCommandLine(Run);

    internal string Tag { get; } = $"gossip-node:{Run}";

    /// <summary>Prefixes all names.</summary>
    internal string Prefix { get; } = $"gossip-{Run}";

    /// <summary>Whether nodes can be silos.</summary>
    internal static bool HasOrleans => File.Exists(Path.Combine(Program, "Orleans.Runtime.dll"));

    /// <summary>The folder of the sample.</summary>
    private static string Sample => Path.Combine(Here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, "samples", "Node");

    /// <summary>What it was compiled to, with these tests.</summary>
    private static string Program => Path.Combine(Sample, "bin", Here.Parent!.Name, Here.Name);

    /// <summary>test/Gossip.Containers.Tests/bin/(configuration)/(framework).</summary>
    private static DirectoryInfo Here => new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Obstacle = await DockerCommandLine.FindObstacleAsync(CancellationToken.None);
        if (Obstacle is not null)
        {
            return;
        }

        var machine = $"gossip-machine:{Run}";
        await MachineImage.BuildAsync(Engine, machine, CancellationToken.None);
        Obstacle = await TryOutAsync(machine);
        if (Obstacle is not null)
        {
            await Engine.RemoveAllAsync(CancellationToken.None);
            return;
        }

        await Engine.BuildAsync(
            Tag,
            Path.Combine(Sample, "Dockerfile"),
            "compiled",
            Program,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ASPNET_RUNTIME"] = machine },
            CancellationToken.None);
    }

    /// <summary>An engine may answer, and yet have no right to make networks or to run anything: then it is as good as none.</summary>
    private async Task<string?> TryOutAsync(string machine)
    {
        try
        {
            await Engine.CreateNetworkAsync(Prefix, CancellationToken.None);
            var trouble = await Engine.TryOutAsync(machine, Prefix, ["dotnet", "--list-runtimes"], CancellationToken.None);
            return trouble.Length == 0 ? null : $"the engine answers, but runs no container: {trouble}";
        }
        catch (InvalidOperationException e)
        {
            return $"the engine answers, but makes no network: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Obstacle is null)
        {
            await Engine.RemoveAllAsync(CancellationToken.None);
        }
    }
}

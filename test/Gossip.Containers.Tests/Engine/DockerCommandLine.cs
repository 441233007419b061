using System.Globalization;

namespace Gossip.Containers.Tests.Engine;

/// <summary>The command line of Docker, which every version of the engine has.</summary>
/// <param name="run">Names this run of the tests in labels.</param>
internal sealed class DockerCommandLine(string run) : IContainerEngine
{
    private const string Program = "docker";
    private const string GraceSeconds = "15";

    /// <summary>The first builder of the engine needs nothing that is not installed with it.</summary>
    private static readonly Dictionary<string, string> FirstBuilder = new(StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" };

    private string Label => $"gossip.test={run}";

    /// <summary>Why there is no engine, in words; null when there is one.</summary>
    public static async Task<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "the tests look into containers through sockets in their folders and through their network namespaces, which needs an engine on the same Linux";
        }

        try
        {
            var (exitCode, _, error) = await CommandLine.TryRunAsync(Program, ["version", "--format", "{{.Server.Version}}"], cancellationToken);
            return exitCode == 0 ? null : $"no engine answers: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"the command '{Program}' cannot be run: {e.Message}";
        }
    }

    public Task ImportAsync(string tag, IReadOnlyDictionary<string, string> environment, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        CommandLine.RunAsync(
            Program,
            ["import", .. environment.SelectMany(static variable => new[] { "--change", $"ENV {variable.Key}={variable.Value}" }), "--change", $"LABEL {Label}", "-", tag],
            cancellationToken,
            write: write);

    public Task BuildAsync(string tag, string recipe, string stage, string context, IReadOnlyDictionary<string, string> arguments, CancellationToken cancellationToken) =>
        CommandLine.RunAsync(
            Program,
            ["build", "--quiet", "--tag", tag, "--label", Label, "--file", recipe, "--target", stage, .. arguments.SelectMany(static argument => new[] { "--build-arg", $"{argument.Key}={argument.Value}" }), context],
            cancellationToken,
            FirstBuilder);

    public Task CreateNetworkAsync(string name, CancellationToken cancellationToken) => DoAsync(cancellationToken, "network", "create", "--label", Label, name);

    public Task RemoveNetworkAsync(string name, CancellationToken cancellationToken) => DoAsync(cancellationToken, "network", "rm", name);

    public Task ConnectAsync(string network, ContainerSettings container, CancellationToken cancellationToken) =>
        DoAsync(cancellationToken, ["network", "connect", .. Aliases(container.Aliases, "--alias"), network, container.Name]);

    public Task DisconnectAsync(string network, string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "network", "disconnect", network, container);

    public async Task<string> TryOutAsync(string image, string network, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = await CommandLine.TryRunAsync(Program, ["run", "--rm", "--label", Label, "--network", network, "--entrypoint", arguments[0], image, .. arguments.Skip(1)], cancellationToken);
        return exitCode == 0 ? "" : $"{error} {output}".Trim();
    }

    public Task RunAsync(ContainerSettings settings, CancellationToken cancellationToken) => DoAsync(
        cancellationToken,
        [
            "run", "--detach", "--name", settings.Name, "--hostname", settings.Name, "--label", Label, "--network", settings.Network,
            .. Aliases(settings.Aliases, "--network-alias"),
            .. settings.Environment.SelectMany(static variable => new[] { "--env", $"{variable.Key}={variable.Value}" }),
            .. settings.Mounts.SelectMany(static mount => new[] { "--volume", $"{mount.Value}:{mount.Key}" }),
            .. settings.MemoryFolders.SelectMany(static folder => new[] { "--tmpfs", $"{folder.Key}:size={folder.Value}" }),
            .. settings.Memory is { } memory ? new[] { "--memory", memory } : [],
            settings.Image,
        ]);

    public Task StartAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "start", container);

    public Task StopAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "stop", "--time", GraceSeconds, container);

    public Task KillAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "kill", container);

    public Task PauseAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "pause", container);

    public Task UnpauseAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "unpause", container);

    public Task LimitProcessorAsync(string container, double share, CancellationToken cancellationToken) =>
        DoAsync(cancellationToken, "update", "--cpus", share.ToString(CultureInfo.InvariantCulture), container);

    public Task RemoveAsync(string container, CancellationToken cancellationToken) => DoAsync(cancellationToken, "rm", "--force", "--volumes", container);

    public async Task<string> ReadLogAsync(string container, CancellationToken cancellationToken)
    {
        var (_, output, error) = await CommandLine.TryRunAsync(Program, ["logs", "--timestamps", container], cancellationToken);
        return output + error;
    }

    public async Task<int> FindProcessAsync(string container, CancellationToken cancellationToken) =>
        int.Parse(await CommandLine.RunAsync(Program, ["inspect", "--format", "{{.State.Pid}}", container], cancellationToken), CultureInfo.InvariantCulture);

    public async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        await RemoveAllAsync(["ps", "--all", "--quiet"], ["rm", "--force", "--volumes"], cancellationToken);
        await RemoveAllAsync(["network", "ls", "--quiet"], ["network", "rm"], cancellationToken);
        await RemoveAllAsync(["images", "--format", "{{.Repository}}:{{.Tag}}"], ["rmi", "--force"], cancellationToken); // the newest first, so that none has children
    }

    private async Task RemoveAllAsync(string[] list, string[] remove, CancellationToken cancellationToken)
    {
        var found = await CommandLine.RunAsync(Program, [.. list, "--filter", $"label={Label}"], cancellationToken);
        if (found.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } ids)
        {
            await CommandLine.RunAsync(Program, [.. remove, .. ids], cancellationToken);
        }
    }

    private static IEnumerable<string> Aliases(IEnumerable<string> aliases, string option) => aliases.SelectMany(alias => new[] { option, alias });

    private static Task<string> DoAsync(CancellationToken cancellationToken, params string[] arguments) => CommandLine.RunAsync(Program, arguments, cancellationToken);
}

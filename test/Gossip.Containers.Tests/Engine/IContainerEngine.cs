namespace Gossip.Containers.Tests.Engine;

/// <summary>What these tests want of an engine that runs containers. Whatever it makes bears the label of the run, so that all of it can be removed.</summary>
internal interface IContainerEngine
{
    /// <summary>Makes an image of an archive of its files.</summary>
    /// <param name="tag">The image's name.</param>
    /// <param name="environment">What each process in it has in its environment.</param>
    /// <param name="write">Writes the archive.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task ImportAsync(string tag, IReadOnlyDictionary<string, string> environment, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Builds one stage of a recipe.</summary>
    Task BuildAsync(string tag, string recipe, string stage, string context, IReadOnlyDictionary<string, string> arguments, CancellationToken cancellationToken);

    Task CreateNetworkAsync(string name, CancellationToken cancellationToken);

    Task RemoveNetworkAsync(string name, CancellationToken cancellationToken);

    Task ConnectAsync(string network, ContainerSettings container, CancellationToken cancellationToken);

    Task DisconnectAsync(string network, string container, CancellationToken cancellationToken);

    Task RunAsync(ContainerSettings settings, CancellationToken cancellationToken);

    /// <summary>Runs a program in a container to its end, for what is amiss when it fails.</summary>
    Task<string> TryOutAsync(string image, string network, IReadOnlyList<string> arguments, CancellationToken cancellationToken);

    /// <summary>Starts a container again that has ended.</summary>
    Task StartAsync(string container, CancellationToken cancellationToken);

    /// <summary>Ends its process in order, and by force when that takes longer than a while.</summary>
    Task StopAsync(string container, CancellationToken cancellationToken);

    /// <summary>Ends its process at once: SIGKILL.</summary>
    Task KillAsync(string container, CancellationToken cancellationToken);

    Task PauseAsync(string container, CancellationToken cancellationToken);

    Task UnpauseAsync(string container, CancellationToken cancellationToken);

    /// <summary>Leaves a container a share of one processor from now on.</summary>
    Task LimitProcessorAsync(string container, double share, CancellationToken cancellationToken);

    /// <summary>Removes a container, whatever it does.</summary>
    Task RemoveAsync(string container, CancellationToken cancellationToken);

    Task<string> ReadLogAsync(string container, CancellationToken cancellationToken);

    /// <summary>The number of a container's first process on this machine.</summary>
    Task<int> FindProcessAsync(string container, CancellationToken cancellationToken);

    /// <summary>Removes whatever bears the label of the run.</summary>
    Task RemoveAllAsync(CancellationToken cancellationToken);
}

/// <summary>How a container is started.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image.</param>
/// <param name="Network">Its network.</param>
/// <param name="Aliases">What it is called there.</param>
/// <param name="Environment">What its process is told.</param>
/// <param name="Mounts">Folders of this machine, by where they appear.</param>
internal sealed record ContainerSettings(
    string Name, string Image, string Network, IReadOnlyList<string> Aliases, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Mounts)
{
    /// <summary>How much memory it may use, for instance 256m; all when null.</summary>
    public string? Memory { get; init; }

    /// <summary>Folders in memory, by where they appear, with their sizes.</summary>
    public IReadOnlyDictionary<string, string> MemoryFolders { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

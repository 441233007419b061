namespace Gossip.Bench.Machine;

/// <summary>A network of its own within the machine (Linux, needs root and iproute2), removed when it is disposed.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    public const string Program = "ip";

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    /// <summary>Null where the machine does not allow it.</summary>
    public static async Task<NetworkNamespace?> TryCreateAsync(string purpose)
    {
        // Named after this process, so that two of them do not meet.
        var made = new NetworkNamespace($"gossip-bench-{Environment.ProcessId}-{purpose}");
        if (!OperatingSystem.IsLinux() || !await IpAsync("netns", "add", made.Name))
        {
            return null;
        }

        if (await made.InsideAsync("link", "set", "lo", "up"))
        {
            return made;
        }

        await made.DisposeAsync();
        return null;
    }

    /// <summary>Runs <c>ip</c> within the namespace.</summary>
    public Task<bool> InsideAsync(params string[] arguments) => IpAsync(["-n", Name, .. arguments]);

    public async ValueTask DisposeAsync() => await IpAsync("netns", "del", Name);

    private static async Task<bool> IpAsync(params string[] arguments) => (await ShellCommand.RunAsync(Program, arguments)).Succeeded;
}

namespace Gossip.Bench.Machine;

/// <summary>
/// Two sites with a bridge between them, each in a namespace. A cut takes one site off the bridge: packets are lost in silence,
/// as behind a failed switch, while both interfaces stay up.
/// </summary>
internal sealed class SeverableNetwork : IAsyncDisposable
{
    private const string Bridge = "bridge";
    private const string Uplink = "uplink";

    private readonly List<NetworkNamespace> _namespaces = [];

    private SeverableNetwork()
    {
    }

    public Site Left { get; private set; } = null!;

    public Site Right { get; private set; } = null!;

    private NetworkNamespace Middle => _namespaces[0];

    /// <summary>Null where the machine does not allow it.</summary>
    public static async Task<SeverableNetwork?> TryCreateAsync()
    {
        var network = new SeverableNetwork();
        try
        {
            if (await network.TryBuildAsync())
            {
                return network;
            }
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }

        await network.DisposeAsync();
        return null;
    }

    public Task<bool> CutAsync() => Middle.InsideAsync("link", "set", Right.Name, "nomaster");

    public Task<bool> HealAsync() => Middle.InsideAsync("link", "set", Right.Name, "master", Bridge);

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _namespaces)
        {
            await made.DisposeAsync();
        }
    }

    private async Task<bool> TryBuildAsync()
    {
        Left = new Site("left", "10.200.0.1", "02:00:00:00:00:01");
        Right = new Site("right", "10.200.0.2", "02:00:00:00:00:02");
        return await TryAddAsync("middle")
            && await Middle.InsideAsync("link", "add", Bridge, "type", "bridge")
            && await Middle.InsideAsync("link", "set", Bridge, "up")
            && await TryConnectAsync(Left, Right)
            && await TryConnectAsync(Right, Left);
    }

    private async Task<bool> TryConnectAsync(Site site, Site other)
    {
        if (!await TryAddAsync(site.Name))
        {
            return false;
        }

        // The neighbour is fixed, because a failed address resolution would tell the sender of the cut.
        var own = _namespaces[^1];
        site.Namespace = own.Name;
        return await own.InsideAsync("link", "add", Uplink, "address", site.Hardware, "type", "veth", "peer", "name", site.Name, "netns", Middle.Name)
            && await own.InsideAsync("addr", "add", $"{site.Address}/24", "dev", Uplink)
            && await own.InsideAsync("link", "set", Uplink, "up")
            && await own.InsideAsync("neigh", "add", other.Address, "lladdr", other.Hardware, "dev", Uplink, "nud", "permanent")
            && await Middle.InsideAsync("link", "set", site.Name, "master", Bridge)
            && await Middle.InsideAsync("link", "set", site.Name, "up");
    }

    private async Task<bool> TryAddAsync(string purpose)
    {
        if (await NetworkNamespace.TryCreateAsync(purpose) is not { } made)
        {
            return false;
        }

        _namespaces.Add(made);
        return true;
    }

    /// <summary>One side of the cut.</summary>
    internal sealed record Site(string Name, string Address, string Hardware)
    {
        public string Namespace { get; set; } = "";
    }
}

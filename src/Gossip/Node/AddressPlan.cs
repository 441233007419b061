using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>From options to sockets: where to listen, what to advertise, and whom to ask first.</summary>
internal sealed class AddressPlan
{
    /// <summary>How many ports from the default one on a parameterless start tries, and looks for others at.</summary>
    private const int DeveloperPorts = 16;

    private AddressPlan(SocketTransport transport, NodeEndpoint advertised, IReadOnlyList<string> seeds)
    {
        Transport = transport;
        Advertised = advertised;
        Seeds = seeds;
    }

    public SocketTransport Transport { get; }

    public NodeEndpoint Advertised { get; }

    public IReadOnlyList<string> Seeds { get; }

    /// <summary>Opens the sockets.</summary>
    public static async Task<AddressPlan> OpenAsync(GossipOptions options, SeedResolver resolver, NetworkGate gate, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Client)
        {
            return new AddressPlan(SocketTransport.Bind(Transportation(options, gate, time, NodeEndpoint.Nowhere)), NodeEndpoint.Nowhere, Seeding(options, NodeEndpoint.Nowhere));
        }

        var transport = options.BindAddress is null
            ? BindLoopback(options, gate, time)
            : SocketTransport.Bind(Transportation(options, gate, time, await ResolveOneAsync(options.BindAddress, resolver, cancellationToken).ConfigureAwait(false)));
        try
        {
            var advertised = await AdvertisedAsync(options, transport.LocalEndpoint, resolver, cancellationToken).ConfigureAwait(false);
            return new AddressPlan(transport, advertised, Seeding(options, advertised));
        }
        catch
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The default port of loopback or the next free one, so that processes started without a word find each other.</summary>
    private static SocketTransport BindLoopback(GossipOptions options, NetworkGate gate, TimeProvider time)
    {
        for (var port = GossipAddress.DefaultPort; ; port++)
        {
            try
            {
                return SocketTransport.Bind(Transportation(options, gate, time, NodeEndpoint.From(IPAddress.Loopback, (ushort)port)));
            }
            catch (GossipBindException) when (port < GossipAddress.DefaultPort + DeveloperPorts - 1)
            {
                // Taken, most often by a node of this very cluster: try the next.
            }
        }
    }

    private static TransportOptions Transportation(GossipOptions options, NetworkGate gate, TimeProvider time, NodeEndpoint bind) => new()
    {
        BindEndpoint = bind,
        StreamOnly = options.TcpOnly,
        DialOnly = options.Client,
        MaxDatagramSize = options.MaxDatagramSize,
        Admits = gate.Admits,
        TimeProvider = time,
    };

    private static async Task<NodeEndpoint> ResolveOneAsync(string address, SeedResolver resolver, CancellationToken cancellationToken) =>
        (await resolver.ResolveAsync(GossipAddress.ParseBind(address), cancellationToken).ConfigureAwait(false))[0];

    private static async Task<NodeEndpoint> AdvertisedAsync(
        GossipOptions options, NodeEndpoint bound, SeedResolver resolver, CancellationToken cancellationToken)
    {
        if (options.AdvertiseAddress is not null)
        {
            var endpoint = await ResolveOneAsync(options.AdvertiseAddress, resolver, cancellationToken).ConfigureAwait(false);
            if (endpoint.IsUnspecified)
            {
                throw new GossipAddressException($"AdvertiseAddress '{options.AdvertiseAddress}' cannot be dialled: set it to an address at which other nodes reach this one.");
            }

            return endpoint.Port == 0 ? endpoint with { Port = bound.Port } : endpoint;
        }

        if (!bound.IsUnspecified)
        {
            return bound;
        }

        // An interface with a gateway leads to others; bridges of container engines and virtual machines have none.
        var found = NetworkInterface.GetAllNetworkInterfaces()
            .Where(nic => nic.OperationalStatus == OperationalStatus.Up && nic.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(nic => nic.GetIPProperties())
            .OrderByDescending(ip => ip.GatewayAddresses.Any(gateway => NodeEndpoint.From(gateway.Address, 0) is { IsUnspecified: false }))
            .SelectMany(ip => ip.UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(ip => IsReachable(ip) && (ip.AddressFamily == AddressFamily.InterNetwork || !bound.IsIpv4))
            .FirstOrDefault();
        return found is not null
            ? NodeEndpoint.From(found, bound.Port)
            : throw new GossipAddressException(
                $"BindAddress '{options.BindAddress}' listens on all addresses, and this machine has none but loopback: set AdvertiseAddress to the address at which other nodes reach this one.");
    }

    private static bool IsReachable(IPAddress ip) =>
        !IPAddress.IsLoopback(ip)
        && !ip.IsIPv6LinkLocal
        && !(ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes() is [169, 254, ..]); // link-local (RFC 3927)

    private static string[] Seeding(GossipOptions options, NodeEndpoint advertised) =>
        options.Seeds.Count == 0 && !options.HasSeedProviders && (options.Client || (options.BindAddress is null && advertised.IsLoopback))
            ? [.. Enumerable.Range(GossipAddress.DefaultPort, DeveloperPorts).Where(port => port != advertised.Port).Select(port => $"{IPAddress.Loopback}:{port}")]
            : [.. options.Seeds];
}

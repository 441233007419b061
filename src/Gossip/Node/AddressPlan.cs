using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>From options to sockets: where to listen, what to advertise, and whom to ask first.</summary>
internal sealed class AddressPlan : IDisposable
{
    /// <summary>How many ports from the default one on a parameterless start tries, and looks for others at.</summary>
    private const int DeveloperPorts = 16;

    private readonly WebDialer _web;

    private AddressPlan(SocketTransport transport, WebDialer web, NodeEndpoint advertised, IReadOnlyList<string> seeds)
    {
        _web = web;
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
        var dialer = new WebDialer(options.Web);
        SocketTransport? transport = null;
        try
        {
            transport = options.Client || options.WebOnly ? SocketTransport.Bind(Transportation(options, dialer, gate, time, NodeEndpoint.Nowhere))
                : options.BindAddress is null ? BindLoopback(options, dialer, gate, time)
                : SocketTransport.Bind(Transportation(options, dialer, gate, time, await ResolveOneAsync(options.BindAddress, resolver, cancellationToken).ConfigureAwait(false)));
            var advertised = options.Client ? NodeEndpoint.Nowhere
                : WebOf(options) is { } web
                    ? options.WebOnly ? NodeEndpoint.From(web) : await AdvertisedAsync(options, transport.LocalEndpoint, resolver, cancellationToken).ConfigureAwait(false) with { Web = web }
                : await AdvertisedAsync(options, transport.LocalEndpoint, resolver, cancellationToken).ConfigureAwait(false);
            return new AddressPlan(transport, dialer, advertised, Seeding(options, advertised));
        }
        catch
        {
            dialer.Dispose();
            if (transport is not null)
            {
                await transport.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Ends what dials have in common. After the transport.</summary>
    public void Dispose() => _web.Dispose();

    private static WebAddress? WebOf(GossipOptions options) =>
        options.Web.Address is { } text && WebAddress.TryParse(text, out var web, out _) ? web : null;

    /// <summary>The default port of loopback or the next free one, so that processes started without a word find each other.</summary>
    private static SocketTransport BindLoopback(GossipOptions options, WebDialer web, NetworkGate gate, TimeProvider time)
    {
        for (var port = GossipAddress.DefaultPort; ; port++)
        {
            try
            {
                return SocketTransport.Bind(Transportation(options, web, gate, time, NodeEndpoint.From(IPAddress.Loopback, (ushort)port)));
            }
            catch (GossipBindException) when (port < GossipAddress.DefaultPort + DeveloperPorts - 1)
            {
                // Taken, most often by a node of this very cluster: try the next.
            }
        }
    }

    private static TransportOptions Transportation(GossipOptions options, WebDialer web, NetworkGate gate, TimeProvider time, NodeEndpoint bind)
    {
        var sockets = new TransportOptions
        {
            BindEndpoint = bind,
            StreamOnly = options.TcpOnly,
            DialOnly = options.Client || options.WebOnly,
            MaxDatagramSize = options.MaxDatagramSize,
            Admits = gate.Admits,
            TimeProvider = time,
        };
        var router = new LinkRouter(sockets.Dialer, web.Dial, sockets);
        return sockets with { Dialer = options.Dialer is { } own ? new ForeignDialer(own, router.Dial).Dial : router.Dial };
    }

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
        options.Seeds.Count == 0 && !options.HasSeedProviders && (options.Client || (!options.WebOnly && options.BindAddress is null && advertised.IsLoopback))
            ? [.. Enumerable.Range(GossipAddress.DefaultPort, DeveloperPorts).Where(port => port != advertised.Port).Select(port => $"{IPAddress.Loopback}:{port}")]
            : [.. options.Seeds];
}

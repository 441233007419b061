using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>Looks a host name up; throws <see cref="SocketException"/> when there is none.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);

/// <summary>Turns an address into every endpoint it stands for. Nothing is cached: names move, so each attempt looks again.</summary>
internal sealed class SeedResolver(HostLookup? lookup = null)
{
    private readonly HostLookup _lookup = lookup ?? Dns.GetHostAddressesAsync;

    /// <summary>The endpoints of <paramref name="address"/>, IPv4 first, each once.</summary>
    public async ValueTask<IReadOnlyList<NodeEndpoint>> ResolveAsync(GossipAddress address, CancellationToken cancellationToken)
    {
        if (address.Web is { } web)
        {
            return [NodeEndpoint.From(web)]; // its name is looked up with each dial
        }

        var port = (ushort)address.Port;
        if (address.Ip is { } literal)
        {
            return [NodeEndpoint.From(literal, port)];
        }

        IPAddress[] found;
        try
        {
            found = await _lookup(address.Host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw Unresolvable(address, error);
        }

        // A link-local IPv6 address leads nowhere without its zone, which an endpoint does not carry.
        NodeEndpoint[] endpoints =
        [
            .. found.Where(static ip => !ip.IsIPv6LinkLocal)
                .Select(ip => NodeEndpoint.From(ip, port))
                .Distinct()
                .OrderBy(static endpoint => !endpoint.IsIpv4),
        ];
        return endpoints.Length > 0 ? endpoints : throw Unresolvable(address, null);
    }

    private static SeedUnresolvableException Unresolvable(GossipAddress address, SocketException? error) => new(
        $"The host name '{address.Host}' of seed '{address}' has no address. Check its spelling, and that DNS on this host knows it"
        + (error is null ? "." : $" (the lookup said: {error.Message})."),
        error);
}

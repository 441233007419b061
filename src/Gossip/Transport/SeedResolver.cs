using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>Looks a host name up; throws <see cref="SocketException"/> or <see cref="LookupException"/> when there is none.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);

/// <summary>Looks up where a service is, in the order in which to try; throws <see cref="LookupException"/> when it is nowhere.</summary>
internal delegate Task<IReadOnlyList<ServiceTarget>> ServiceLookup(string name, CancellationToken cancellationToken);

/// <summary>One place of a service. Where the answer told the addresses of the host they need no lookup of their own.</summary>
internal sealed record ServiceTarget(string Host, ushort Port, IReadOnlyList<IPAddress> Addresses);

/// <summary>A name was looked up in vain; the message completes "the lookup said: …".</summary>
internal sealed class LookupException(string problem, Exception? cause = null) : Exception(problem, cause);

/// <summary>Turns an address into every endpoint it stands for. Names move, so each attempt looks again.</summary>
internal sealed class SeedResolver(HostLookup? lookup = null, ServiceLookup? services = null)
{
    /// <summary>One answer of DNS can hold some thousands; whoever knows so many nodes knows the others soon.</summary>
    public const int MaxEndpoints = 256;

    private readonly HostLookup _lookup = lookup ?? System.Net.Dns.GetHostAddressesAsync;
    private readonly ServiceLookup _services = services ?? ((_, _) => throw new LookupException("this node has no DNS client"));

    /// <summary>The endpoints of <paramref name="address"/> in the order in which to try them, each once. Of the addresses of a name every other one is IPv6, as long as there are both.</summary>
    public async ValueTask<IReadOnlyList<NodeEndpoint>> ResolveAsync(GossipAddress address, CancellationToken cancellationToken)
    {
        if (address.IsService)
        {
            return await ResolveServiceAsync(address, cancellationToken).ConfigureAwait(false);
        }

        if (!address.HasSocket)
        {
            return [NodeEndpoint.From(address.Web!)];
        }

        var port = (ushort)address.Port;
        if (address.Ip is { } literal)
        {
            return [NodeEndpoint.From(literal, port) with { Web = address.Web }];
        }

        NodeEndpoint[] endpoints;
        try
        {
            endpoints = [.. Endpoints(await _lookup(address.Host, cancellationToken).ConfigureAwait(false), port).Take(MaxEndpoints)];
        }
        catch (Exception error) when (error is SocketException or LookupException)
        {
            throw UnknownHost(address, error);
        }

        return endpoints.Length == 0 ? throw UnknownHost(address, null)
            : address.Web is null ? endpoints
            : [.. endpoints.Select(endpoint => endpoint with { Web = address.Web })];
    }

    private async Task<IReadOnlyList<NodeEndpoint>> ResolveServiceAsync(GossipAddress address, CancellationToken cancellationToken)
    {
        try
        {
            var targets = await _services(address.Host, cancellationToken).ConfigureAwait(false);
            var found = await Task.WhenAll(targets.Take(MaxEndpoints).Select(target => ResolveTargetAsync(address.Web, target, cancellationToken))).ConfigureAwait(false);
            NodeEndpoint[] endpoints = [.. found.SelectMany(static target => target.Endpoints).Distinct().Take(MaxEndpoints)];
            return endpoints.Length > 0 ? endpoints
                : throw UnknownService(address, found.Select(static target => target.Problem).FirstOrDefault(static problem => problem is not null));
        }
        catch (LookupException error)
        {
            throw UnknownService(address, error);
        }
    }

    /// <summary>A target without an address is a node that is just being started or stopped: it does not spoil the others.</summary>
    private async Task<Target> ResolveTargetAsync(WebAddress? web, ServiceTarget target, CancellationToken cancellationToken)
    {
        if (web is not null)
        {
            return web.TryMoveTo(target.Host, target.Port, out var moved)
                ? new Target([NodeEndpoint.From(moved)], null)
                : new Target([], new LookupException($"the target '{target.Host}:{target.Port}' gives no valid URL"));
        }

        if (target.Port == 0 || HostAndPort.CheckName(target.Host) is not null)
        {
            return new Target([], new LookupException($"the target '{target.Host}:{target.Port}' cannot be dialled"));
        }

        try
        {
            var addresses = target.Addresses.Count > 0 ? target.Addresses : await _lookup(target.Host, cancellationToken).ConfigureAwait(false);
            NodeEndpoint[] endpoints = [.. Endpoints(addresses, target.Port)];
            return new Target(endpoints, endpoints.Length > 0 ? null : new LookupException($"the target '{target.Host}' has no address"));
        }
        catch (Exception error) when (error is SocketException or LookupException)
        {
            return new Target([], new LookupException($"the target '{target.Host}' has no address: {error.Message}", error));
        }
    }

    /// <summary>
    /// Families alternate (RFC 8305 §4), so that one which leads nowhere costs little; IPv4 comes first, because a node that binds 0.0.0.0 has names for both.
    /// A link-local IPv6 address leads nowhere without its zone, which an endpoint does not carry.
    /// </summary>
    private static IEnumerable<NodeEndpoint> Endpoints(IEnumerable<IPAddress> addresses, ushort port)
    {
        var families = addresses.Where(static ip => !ip.IsIPv6LinkLocal).Select(ip => NodeEndpoint.From(ip, port)).Distinct().ToLookup(static endpoint => endpoint.IsIpv4);
        NodeEndpoint[] ipv4 = [.. families[true]];
        NodeEndpoint[] ipv6 = [.. families[false]];
        for (var i = 0; i < Math.Max(ipv4.Length, ipv6.Length); i++)
        {
            if (i < ipv4.Length)
            {
                yield return ipv4[i];
            }

            if (i < ipv6.Length)
            {
                yield return ipv6[i];
            }
        }
    }

    private static SeedUnresolvableException UnknownHost(GossipAddress address, Exception? error) => new(
        $"The host name '{address.Host}' of seed '{address}' has no address. Check its spelling, and that DNS on this host knows it" + Said(error), error);

    private static SeedUnresolvableException UnknownService(GossipAddress address, Exception? error) => new(
        $"The service '{address.Host}' of seed '{address}' leads to no node. Check its spelling, and that DNS on this host has SRV records for it (dig {address.Host} SRV)" + Said(error), error);

    private static string Said(Exception? error) => error is null ? "." : $" (the lookup said: {error.Message.TrimEnd('.')}).";

    private sealed record Target(IReadOnlyList<NodeEndpoint> Endpoints, LookupException? Problem);
}

using System.Net;
using Gossip.Discovery.Dns;
using Gossip.Transport;

namespace Gossip.Discovery;

/// <summary>How a node looks up the names of its seeds.</summary>
internal static class SeedLookup
{
    private const string Localhost = "localhost";

    /// <summary>
    /// Hosts as everything on this machine looks them up, unless the options name DNS servers; services by a DNS client in any case. Domains, time-outs and attempts are the system's.
    /// </summary>
    public static SeedResolver Resolver(GossipOptions options, TimeProvider time, ulong randomSeed)
    {
        IPEndPoint[] servers = [.. options.DnsServers.Select(static text => DnsSettings.TryParseServer(text, out var server) ? server : null).OfType<IPEndPoint>()];
        if (servers.Length == 0)
        {
            return new SeedResolver(services: new DnsClient(SystemDns.Read, time, randomSeed).FindServiceAsync);
        }

        var client = new DnsClient(() => SystemDns.Read() with { Servers = servers }, time, randomSeed);
        return new SeedResolver((host, cancellationToken) => IsLocal(host) ? System.Net.Dns.GetHostAddressesAsync(host, cancellationToken) : client.FindHostAsync(host, cancellationToken), client.FindServiceAsync);
    }

    /// <summary>RFC 6761 §6.3: no server is asked for these.</summary>
    private static bool IsLocal(string host) => host is Localhost or $"{Localhost}." || host.EndsWith($".{Localhost}", StringComparison.Ordinal);
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Gossip.Transport;

namespace Gossip;

/// <summary>Where a node, or the nodes behind a name, can be reached, as a person writes it.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>10.0.0.4:11511</c>, <c>[2001:db8::1]:11511</c>, <c>node-1.example:11511</c>, and each of them without the port, which is then
/// <see cref="DefaultPort"/>: UDP and TCP. A name stands for each of its addresses.</item>
/// <item><c>ws://host:port/path</c>, <c>wss://…</c>, <c>http://…</c>, <c>https://…</c>: WebSocket or HTTP; without a port it is that of the scheme.</item>
/// <item><c>10.0.0.4:11511|wss://host/path</c>: two ways to one node, of which the socket is preferred.</item>
/// <item><c>srv+_gossip._tcp.example</c>: all nodes that DNS names as the targets of that service (SRV records), each at its port.</item>
/// <item><c>srv+https://name/path</c>, and so with the other schemes: the same by URL, <c>https://target:port/path</c> for each target.</item>
/// </list>
/// </remarks>
public sealed record GossipAddress : IParsable<GossipAddress>
{
    /// <summary>The port of an address that names none.</summary>
    public const int DefaultPort = 11511;

    internal GossipAddress(string host, ushort port, IPAddress? ip, WebAddress? web = null, bool hasSocket = true, bool isService = false)
    {
        Host = host;
        Port = port;
        Ip = ip;
        Web = web;
        HasSocket = hasSocket;
        IsService = isService;
    }

    /// <summary>The host name, or the IP address without brackets; of a service its name. Of two ways to one node it is that of the socket.</summary>
    public string Host { get; }

    /// <summary>The port; 0 for a service, whose ports DNS says.</summary>
    public int Port { get; }

    /// <summary>Whether it names a service, whose nodes DNS lists in SRV records.</summary>
    public bool IsService { get; }

    /// <summary>The IP address when sockets lead there and the host is one, else null: the name must be looked up, or the address is a URL.</summary>
    internal IPAddress? Ip { get; }

    /// <summary>The way by URL, or null. Of a service it holds scheme and path, which are those of each target.</summary>
    internal WebAddress? Web { get; }

    /// <summary>Whether UDP and TCP lead there: false where a URL is the only way, whose host and port are those of the address.</summary>
    internal bool HasSocket { get; }

    /// <summary>Parses an address that can be dialled.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format does not depend on culture.</param>
    /// <returns>The address.</returns>
    /// <exception cref="GossipAddressException">The text is not an address, or of a form that this version does not support.</exception>
    public static GossipAddress Parse(string s, IFormatProvider? provider = null) =>
        GossipAddressParser.Parse(s, AddressUse.Dial);

    /// <summary>Parses an address that can be dialled.</summary>
    /// <param name="s">The text.</param>
    /// <param name="result">The address, or null.</param>
    /// <returns>False when the text is not an address.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out GossipAddress? result) =>
        GossipAddressParser.TryParse(s, AddressUse.Dial, out result, out _);

    /// <inheritdoc cref="TryParse(string?, out GossipAddress?)"/>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format does not depend on culture.</param>
    /// <param name="result">The address, or null.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true)] out GossipAddress? result) =>
        TryParse(s, out result);

    /// <summary>The text that <see cref="Parse"/> reads back; of sockets always with the port.</summary>
    /// <returns>For example <c>[2001:db8::1]:11511</c>.</returns>
    public override string ToString()
    {
        var first = !HasSocket ? Web!.Text
            : IsService ? Host
            : Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
        return IsService ? GossipAddressParser.ServicePrefix + first
            : HasSocket && Web is not null ? $"{first}{GossipAddressParser.WaySeparator}{Web.Text}"
            : first;
    }

    /// <summary>Parses an address to listen at, where port 0 (any free port) and the unspecified addresses make sense too.</summary>
    internal static GossipAddress ParseBind(string s) => GossipAddressParser.Parse(s, AddressUse.Bind);
}

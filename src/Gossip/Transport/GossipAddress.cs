using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Gossip.Transport;

namespace Gossip;

/// <summary>Where a node can be reached, as a person writes it: a host name or an IP address, and a port.</summary>
/// <remarks>
/// Accepted: <c>10.0.0.4:11511</c>, <c>[2001:db8::1]:11511</c>, <c>node-1.example:11511</c>, and each of them without the
/// port, which is then <see cref="DefaultPort"/>; and the URL of a node that is reached by WebSocket, <c>ws://host:port/path</c> or <c>wss://…</c>.
/// </remarks>
public sealed record GossipAddress : IParsable<GossipAddress>
{
    /// <summary>The port of an address that names none.</summary>
    public const int DefaultPort = 11511;

    internal GossipAddress(string host, ushort port, IPAddress? ip)
    {
        Host = host;
        Port = port;
        Ip = ip;
    }

    internal GossipAddress(WebAddress web)
        : this(web.Uri.IdnHost, (ushort)web.Uri.Port, null) => Web = web;

    /// <summary>The host name, or the IP address without brackets.</summary>
    public string Host { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The IP address when the host is one, else null: the name must be looked up.</summary>
    internal IPAddress? Ip { get; }

    /// <summary>The URL, when the address is one.</summary>
    internal WebAddress? Web { get; }

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

    /// <summary>The text that <see cref="Parse"/> reads back, always with the port.</summary>
    /// <returns>For example <c>[2001:db8::1]:11511</c>.</returns>
    public override string ToString() => Web is not null ? Web.Text : Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Parses an address to listen at, where port 0 (any free port) and the unspecified addresses make sense too.</summary>
    internal static GossipAddress ParseBind(string s) => GossipAddressParser.Parse(s, AddressUse.Bind);
}

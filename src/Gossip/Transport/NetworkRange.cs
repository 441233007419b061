using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>A network in CIDR notation (RFC 4632, RFC 4291 §2.3), in the form in which endpoints are held: IPv4 as its IPv6 mapping, so that it does not matter by which socket somebody comes.</summary>
internal readonly record struct NetworkRange(UInt128 Prefix, UInt128 Mask)
{
    private const int Bits = 128;
    private const int Ipv4Bits = 32;

    public bool Contains(in NodeEndpoint endpoint) => (endpoint.Address & Mask) == Prefix;

    /// <summary>Reads <c>10.0.0.0/8</c>, <c>fd00::/8</c>, or one address alone.</summary>
    /// <exception cref="GossipAddressException">The text is no network. The message says what to write instead.</exception>
    public static NetworkRange Parse(string? text)
    {
        var written = text.AsSpan().Trim();
        var slash = written.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? written : written[..slash], out var address) || address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 })
        {
            throw new GossipAddressException($"'{text}' is no network: write it as 10.0.0.0/8, fd00::/8, or one address, without a host name or a zone.");
        }

        var size = address.AddressFamily == AddressFamily.InterNetwork ? Ipv4Bits : Bits;
        var length = size;
        if (slash >= 0 && (!int.TryParse(written[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > size))
        {
            throw new GossipAddressException($"'{text}' is no network: behind the slash stands how many bits are fixed, 0 to {size}.");
        }

        var mask = Mask128(Bits - size + length);
        var bits = NodeEndpoint.From(address, 0).Address;
        return (bits & mask) == bits
            ? new NetworkRange(bits, mask)
            : throw new GossipAddressException($"'{text}' has bits set behind its first {length}: for that network write {new NodeEndpoint(bits & mask, 0).ToIPAddress()}/{length}, for the one address {address}.");
    }

    private static UInt128 Mask128(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (Bits - length);
}

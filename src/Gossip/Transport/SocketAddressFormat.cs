using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>
/// Reads and builds the operating system's form of an endpoint, so that a datagram needs no <see cref="IPEndPoint"/>.
/// The start of that form differs between systems (BSD has a length byte), which <see cref="SocketAddress.Family"/> hides;
/// port and address lie at the same places everywhere.
/// </summary>
internal static class SocketAddressFormat
{
    private const int PortOffset = 2;
    private const int Ipv4Offset = 4;
    private const int Ipv4End = 8;
    private const int Ipv6Offset = 8; // after the flow label
    private const int Ipv6End = 24;

    public static bool TryRead(SocketAddress source, out NodeEndpoint endpoint)
    {
        var bytes = source.Buffer.Span[..source.Size];
        switch (source.Family)
        {
            case AddressFamily.InterNetwork when bytes.Length >= Ipv4End:
                endpoint = NodeEndpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[Ipv4Offset..]), ReadPort(bytes));
                return true;

            // A dual-mode socket shows IPv4 senders as mapped addresses, which is how NodeEndpoint keeps them anyway.
            case AddressFamily.InterNetworkV6 when bytes.Length >= Ipv6End:
                endpoint = new NodeEndpoint(BinaryPrimitives.ReadUInt128BigEndian(bytes[Ipv6Offset..]), ReadPort(bytes));
                return true;

            default:
                endpoint = default;
                return false;
        }
    }

    /// <summary>Builds the form that a socket of <paramref name="family"/> can send to: an IPv6 socket wants IPv4 mapped.</summary>
    public static SocketAddress Create(in NodeEndpoint endpoint, AddressFamily family)
    {
        var address = endpoint.ToIPAddress();
        return new IPEndPoint(family == AddressFamily.InterNetworkV6 ? address.MapToIPv6() : address, endpoint.Port).Serialize();
    }

    private static ushort ReadPort(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
}

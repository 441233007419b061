using System.Buffers.Binary;
using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>An endpoint on the wire: 4 or 16 address bytes, then 2 port bytes, in network byte order; the length tells which.</summary>
internal static class EndpointFormat
{
    public const int MaxSize = Ipv6Size + PortSize;
    private const int Ipv4Size = 4;
    private const int Ipv6Size = 16;
    private const int PortSize = 2;

    public static int Write(in NodeEndpoint endpoint, Span<byte> destination)
    {
        var size = Ipv6Size;
        if (endpoint.IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, endpoint.Ipv4Bits);
            size = Ipv4Size;
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, endpoint.Address);
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination[size..], endpoint.Port);
        return size + PortSize;
    }

    /// <summary>Reads an endpoint that a peer can be dialled at: port zero and the unspecified address are refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out NodeEndpoint endpoint)
    {
        endpoint = source.Length switch
        {
            Ipv4Size + PortSize => NodeEndpoint.FromIpv4(
                BinaryPrimitives.ReadUInt32BigEndian(source), BinaryPrimitives.ReadUInt16BigEndian(source[Ipv4Size..])),
            Ipv6Size + PortSize => new NodeEndpoint(
                BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt16BigEndian(source[Ipv6Size..])),
            _ => default,
        };
        return endpoint.Port != 0 && !endpoint.IsUnspecified;
    }
}

using System.Buffers.Binary;
using System.Text;
using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>
/// An endpoint on the wire: 4 or 16 address bytes, then 2 port bytes, in network byte order; the length tells which. An odd length tells of a web
/// address: how many bytes the part so far described takes (0, 6 or 18), that part, the address in UTF-8, and a zero where the length would be even.
/// </summary>
internal static class EndpointFormat
{
    public const int MaxSize = LengthSize + Ipv6Size + PortSize + WebAddress.MaxSize + PaddingSize;
    private const int LengthSize = 1;
    private const int Ipv4Size = 4;
    private const int Ipv6Size = 16;
    private const int PortSize = 2;
    private const int PaddingSize = 1;

    public static int Write(in NodeEndpoint endpoint, Span<byte> destination)
    {
        if (endpoint.Web is not { } web)
        {
            return WriteSocket(endpoint, destination);
        }

        var size = endpoint.HasSocket ? WriteSocket(endpoint, destination[LengthSize..]) : 0;
        destination[0] = (byte)size;
        size += LengthSize;
        size += Encoding.UTF8.GetBytes(web.Text, destination[size..]);
        if (IsSocketOnly(size))
        {
            destination[size++] = 0;
        }

        return size;
    }

    /// <summary>Reads an endpoint that a peer can be dialled at: port zero and the unspecified address are refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out NodeEndpoint endpoint) =>
        IsSocketOnly(source.Length) ? TryReadSocket(source, out endpoint) : TryReadWeb(source, out endpoint);

    private static bool IsSocketOnly(int size) => size % 2 == 0;

    private static int WriteSocket(in NodeEndpoint endpoint, Span<byte> destination)
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

    private static bool TryReadSocket(ReadOnlySpan<byte> source, out NodeEndpoint endpoint)
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

    private static bool TryReadWeb(ReadOnlySpan<byte> source, out NodeEndpoint endpoint)
    {
        endpoint = default;
        var socketSize = source.Length > 0 ? source[0] : 0;
        if (source.Length > MaxSize || source.Length <= LengthSize + socketSize)
        {
            return false;
        }

        if (socketSize > 0 && !TryReadSocket(source.Slice(LengthSize, socketSize), out endpoint))
        {
            return false;
        }

        var text = source[(LengthSize + socketSize)..].TrimEnd((byte)0);
        if (!(text.StartsWith("ws"u8) || text.StartsWith("http"u8)) || !WebAddress.TryParse(Encoding.UTF8.GetString(text), out var web, out _))
        {
            return false; // what is no URL at all costs no memory
        }

        endpoint = endpoint with { Web = web };
        return true;
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>
/// Where a peer is, as a plain value: the form in which cores and hot paths hold it, because an <see cref="IPEndPoint"/> is an
/// object per packet. Mostly an IP address and port; IPv4 is kept as its IPv6 mapping, so equality is bitwise. A node that is
/// reached by WebSocket or HTTP has a web address beside it, or, where no socket leads to it, alone.
/// </summary>
/// <param name="Address">The IP address; all zero where there is only a web address.</param>
/// <param name="Port">The port, or zero.</param>
/// <param name="Web">The web address, or null.</param>
internal readonly record struct NodeEndpoint(UInt128 Address, ushort Port, WebAddress? Web = null)
{
    private const int Ipv4Size = 4;
    private const int Ipv6Size = 16;
    private static readonly UInt128 MappedPrefix = new(0, 0x0000_FFFF_0000_0000);
    private static readonly UInt128 MappedMask = new(ulong.MaxValue, 0xFFFF_FFFF_0000_0000);

    /// <summary>What a node that listens nowhere has for an address: it cannot be dialled.</summary>
    public static NodeEndpoint Nowhere => FromIpv4(0, 0);

    public bool IsNone => Port == 0 && Address == UInt128.Zero && Web is null;

    /// <summary>True when UDP and TCP lead there.</summary>
    public bool HasSocket => Port != 0;

    /// <summary>The web address alone, or none.</summary>
    public NodeEndpoint WebPart => Web is null ? default : From(Web);

    /// <summary>Where UDP and TCP lead; where they lead nowhere <see cref="Nowhere"/>, which is what users see of such a node.</summary>
    public NodeEndpoint SocketPart => HasSocket ? this with { Web = null } : Nowhere;

    public bool IsIpv4 => (Address & MappedMask) == MappedPrefix;

    public uint Ipv4Bits => (uint)Address;

    public bool IsLoopback => Web is null ? IsLoopbackIp : Web.Uri.IsLoopback && (!HasSocket || IsLoopbackIp);

    /// <summary>True for 0.0.0.0 and [::], which can be bound but not dialled.</summary>
    public bool IsUnspecified => (HasSocket || Web is null) && (IsIpv4 ? Ipv4Bits == 0 : Address == UInt128.Zero);

    private bool IsLoopbackIp => IsIpv4 ? Ipv4Bits >> 24 == 127 : Address == UInt128.One;

    /// <summary>Whether both have a way in common: who is known by an address and by a URL is not another node where only one of them is told.</summary>
    public bool SharesWayWith(in NodeEndpoint other) =>
        (HasSocket && Port == other.Port && Address == other.Address) || (Web is not null && Web.Equals(other.Web));

    public static NodeEndpoint From(WebAddress web) => new(UInt128.Zero, 0, web);

    public static NodeEndpoint FromIpv4(uint bits, ushort port) => new(MappedPrefix | bits, port);

    public static NodeEndpoint From(IPEndPoint endpoint) => From(endpoint.Address, (ushort)endpoint.Port);

    public static NodeEndpoint From(IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Size];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes, out _);
            return FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port);
        }

        address.TryWriteBytes(bytes, out _);
        return new NodeEndpoint(BinaryPrimitives.ReadUInt128BigEndian(bytes), port);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Ipv6Size];
        if (IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, Ipv4Bits);
            return new IPAddress(bytes[..Ipv4Size]);
        }

        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return new IPAddress(bytes);
    }

    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), Port);

    public override string ToString() =>
        Web is null ? ToIPEndPoint().ToString()
        : HasSocket ? $"{ToIPEndPoint()}|{Web}"
        : Web.ToString();
}

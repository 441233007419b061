using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gossip.Wire;

/// <summary>What a packet carries, so that a receiver routes it without looking inside.</summary>
internal enum PacketKind : byte
{
    /// <summary>Membership, dissemination and connection set-up: handled by the pump.</summary>
    Control = 0,

    /// <summary>User messages and their replies: dispatched without passing the pump.</summary>
    Data = 1,

    /// <summary>
    /// Word on a stream that its packets are not understood there, because the keys differ. It is plaintext and anyone can write it, so it
    /// may explain a failure and do nothing else.
    /// </summary>
    Refusal = 2,

    /// <summary>What proposers, acceptors and their clients say to each other, on streams only.</summary>
    Agreement = 3,

    /// <summary>Byte streams: frames of a connection, which never pass the pump.</summary>
    Stream = 4,
}

/// <summary>
/// The fixed start of every packet, the same in a datagram and in a TCP frame. After it comes one protobuf-encoded message
/// whose field numbers are <see cref="MessageKind"/>s.
/// </summary>
/// <param name="Version">The wire version that the packet is written in.</param>
/// <param name="Kind">What the packet carries.</param>
/// <param name="KeyId">Which key sealed the packet; 0 means plaintext.</param>
/// <param name="ClusterHash">Says to which cluster the packet belongs; packets of another cluster are dropped.</param>
/// <param name="Sender">The life of the node that wrote the packet.</param>
internal readonly record struct PacketHeader(byte Version, PacketKind Kind, byte KeyId, ulong ClusterHash, NodeInstance Sender)
{
    public const int Size = 36;
    public const byte Magic = 0x67; // 'g'
    public const byte CurrentVersion = 1;
    public const byte MinVersion = 1;

    public const int VersionOffset = 1;
    private const int KindOffset = 2;
    private const int KeyIdOffset = 3;
    private const int ClusterOffset = 4;
    private const int SenderOffset = 12;
    private const int GenerationOffset = 28;

    /// <summary>The first 64 bits of SHA-256 over cluster name and service id.</summary>
    public static ulong HashCluster(string clusterName, string serviceId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"gossip-cluster\0{clusterName}\0{serviceId}"), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = Magic;
        destination[VersionOffset] = Version;
        destination[KindOffset] = (byte)Kind;
        destination[KeyIdOffset] = KeyId;
        BinaryPrimitives.WriteUInt64BigEndian(destination[ClusterOffset..], ClusterHash);
        Sender.Id.Write(destination[SenderOffset..]);
        BinaryPrimitives.WriteUInt64BigEndian(destination[GenerationOffset..], Sender.Generation);
    }

    /// <summary>Changes only the key id of a packet.</summary>
    public static void WriteKeyId(Span<byte> packet, byte keyId) => packet[KeyIdOffset] = keyId;

    public static byte ReadKeyId(ReadOnlySpan<byte> packet) => packet[KeyIdOffset];

    /// <summary>Reads the sender of a packet that is known to have a header.</summary>
    public static NodeInstance ReadSender(ReadOnlySpan<byte> packet) =>
        new(NodeId.Read(packet[SenderOffset..]), BinaryPrimitives.ReadUInt64BigEndian(packet[GenerationOffset..]));

    public static bool TryRead(ReadOnlySpan<byte> packet, out PacketHeader header)
    {
        if (packet.Length < Size || packet[0] != Magic)
        {
            header = default;
            return false;
        }

        header = new PacketHeader(
            packet[VersionOffset],
            (PacketKind)packet[KindOffset],
            packet[KeyIdOffset],
            BinaryPrimitives.ReadUInt64BigEndian(packet[ClusterOffset..]),
            ReadSender(packet));
        return !header.Sender.Id.IsNone;
    }
}

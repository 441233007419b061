using System.Buffers.Binary;

namespace Gossip.Messaging;

/// <summary>The payload of the request that carries one part: whose it is (8 bytes) and which (4 bytes), little-endian, then its bytes.</summary>
internal static class PartFormat
{
    /// <summary>The message type of that request.</summary>
    public const int Type = 24;

    /// <summary>What others have to say meanwhile waits behind one part at most, not behind a whole frame.</summary>
    public const int PartSize = 1 << 20;

    private const int IdSize = 8;
    private const int IndexSize = 4;

    public static MessagePayload Write(ulong id, int index, ReadOnlySpan<byte> part)
    {
        var bytes = new byte[IdSize + IndexSize + part.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, id);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(IdSize), index);
        part.CopyTo(bytes.AsSpan(IdSize + IndexSize));
        return MessagePayload.FromBytes(bytes);
    }

    /// <summary>Reads a part; only whole ones are any use, for the rest of a payload comes with its message.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> payload, out ulong id, out int index, out ReadOnlyMemory<byte> part)
    {
        (id, index, part) = (0, 0, default);
        if (payload.Length != IdSize + IndexSize + PartSize)
        {
            return false;
        }

        id = BinaryPrimitives.ReadUInt64LittleEndian(payload.Span);
        index = BinaryPrimitives.ReadInt32LittleEndian(payload.Span[IdSize..]);
        part = payload[(IdSize + IndexSize)..];
        return index >= 0;
    }
}

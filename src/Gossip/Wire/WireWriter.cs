using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>
/// Writes fields into a buffer that the caller owns. A write that does not fit sets <see cref="Overflowed"/> and writes
/// nothing more, so that a caller packing a datagram tries a message and rolls back to a remembered position.
/// </summary>
internal ref struct WireWriter(Span<byte> buffer)
{
    /// <summary>So many low bits of a key tell the type of the value.</summary>
    public const int WireTypeBits = 3;

    private const int ContinuationBit = 0x80;
    private const int PayloadBitsPerByte = 7;

    private readonly Span<byte> _buffer = buffer;
    private int _held;

    public int Position { get; private set; }

    public bool Overflowed { get; private set; }

    public readonly int Remaining => _buffer.Length - _held - Position;

    public readonly ReadOnlySpan<byte> Written => _buffer[..Position];

    public static int SizeOfVarint(ulong value) =>
        ((BitOperations.Log2(value | 1) * 9) + 73) >> 6; // ceil(bits / 7) without a division

    /// <summary>Forgets all that was written after <paramref name="position"/>, and an overflow with it.</summary>
    public void Rollback(int position)
    {
        Position = position;
        Overflowed = false;
    }

    /// <summary>Keeps <paramref name="size"/> bytes at the end of the buffer back; a negative number gives them free again.</summary>
    public void Hold(int size) => _held += size;

    /// <summary>Changes one byte of what was written.</summary>
    public readonly void Overwrite(int position, byte value) => _buffer[position] = value;

    /// <summary>Leaves room for what the caller writes itself, such as a packet header.</summary>
    public void Skip(int size) => Reserve(size, out _);

    /// <summary>Writes a number; zero is the default of every numeric field and is left out.</summary>
    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Key(field, WireType.Varint);
            Varint(value);
        }
    }

    public void Number(int field, int value) => Number(field, (ulong)value);

    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0UL);

    /// <summary>Writes eight bytes, little-endian: for values whose high bits are in use, such as clock stamps and hashes.</summary>
    public void Fixed64(int field, ulong value)
    {
        Key(field, WireType.Fixed64);
        if (Reserve(sizeof(ulong), out var span))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(span, value);
        }
    }

    public void Bytes(int field, scoped ReadOnlySpan<byte> value)
    {
        Key(field, WireType.Bytes);
        Varint((ulong)value.Length);
        if (Reserve(value.Length, out var span))
        {
            value.CopyTo(span);
        }
    }

    public void Text(int field, scoped ReadOnlySpan<char> value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Key(field, WireType.Bytes);
        Varint((ulong)size);
        if (Reserve(size, out var span))
        {
            Encoding.UTF8.GetBytes(value, span);
        }
    }

    public void Id(int field, NodeId value)
    {
        Key(field, WireType.Bytes);
        Varint(NodeId.Size);
        if (Reserve(NodeId.Size, out var span))
        {
            value.Write(span);
        }
    }

    public void Endpoint(int field, in NodeEndpoint value)
    {
        Span<byte> bytes = stackalloc byte[EndpointFormat.MaxSize];
        Bytes(field, bytes[..EndpointFormat.Write(value, bytes)]);
    }

    /// <summary>Opens a nested message; pass the returned mark to <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        Key(field, WireType.Bytes);
        if (Reserve(1, out var span))
        {
            span[0] = 0;
        }

        return Position;
    }

    /// <summary>Closes a nested message by filling in its length, which moves the body when the length needs more than one byte.</summary>
    public void End(int mark)
    {
        if (Overflowed)
        {
            return;
        }

        var length = Position - mark;
        var extra = SizeOfVarint((ulong)length) - 1;
        if (extra > 0)
        {
            if (!Reserve(extra, out _))
            {
                return;
            }

            _buffer.Slice(mark, length).CopyTo(_buffer[(mark + extra)..]);
        }

        var end = Position;
        Position = mark - 1;
        Varint((ulong)length);
        Position = end;
    }

    /// <summary>Appends fields that were encoded before.</summary>
    public void Raw(scoped ReadOnlySpan<byte> encoded)
    {
        if (Reserve(encoded.Length, out var span))
        {
            encoded.CopyTo(span);
        }
    }

    public void Key(int field, WireType type) => Varint(((ulong)(uint)field << WireTypeBits) | (uint)type);

    public void Varint(ulong value)
    {
        if (value < ContinuationBit && !Overflowed && Remaining > 0)
        {
            _buffer[Position++] = (byte)value; // most are one byte: keys, lengths, states
        }
        else if (Reserve(SizeOfVarint(value), out var span))
        {
            for (var i = 0; i < span.Length - 1; i++)
            {
                span[i] = (byte)(value | ContinuationBit);
                value >>= PayloadBitsPerByte;
            }

            span[^1] = (byte)value;
        }
    }

    private bool Reserve(int size, out Span<byte> span)
    {
        if (Overflowed || size > Remaining)
        {
            Overflowed = true;
            span = default;
            return false;
        }

        span = _buffer.Slice(Position, size);
        Position += size;
        return true;
    }
}

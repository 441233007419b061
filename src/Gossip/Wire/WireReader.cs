using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>
/// Walks the fields of a message. Each <see cref="Next"/> decodes one key and its value, so a field that a reader does not
/// know is skipped by reading on. Bad input sets <see cref="Malformed"/> and ends the walk; nothing throws or allocates.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> buffer)
{
    private const int MaxVarintBits = 64;
    private const int PayloadBitsPerByte = 7;
    private const int PayloadMask = 0x7f;
    private const int ContinuationBit = 0x80;
    private const int WireTypeBits = 3;
    private const int WireTypeMask = 7;
    private const int LastVarintByteMax = 1;
    private const ulong MaxField = (1UL << 29) - 1; // protobuf's limit

    private readonly ReadOnlySpan<byte> _buffer = buffer;
    private int _position; // at the end of the buffer once anything was malformed

    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>The value of a varint or fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>The value of a length-delimited field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public bool Malformed { get; private set; }

    public bool Next()
    {
        if (_position >= _buffer.Length)
        {
            return false;
        }

        if (!TryVarint(out var key) || key >> WireTypeBits is 0 or > MaxField)
        {
            return Fail();
        }

        Field = (int)(key >> WireTypeBits);
        Type = (WireType)(key & WireTypeMask);
        Number = 0;
        Bytes = default;
        var left = _buffer.Length - _position;
        switch (Type)
        {
            case WireType.Varint:
                if (!TryVarint(out var number))
                {
                    return Fail();
                }

                Number = number;
                return true;
            case WireType.Fixed64 when left >= sizeof(ulong):
                Number = BinaryPrimitives.ReadUInt64LittleEndian(_buffer[_position..]);
                _position += sizeof(ulong);
                return true;
            case WireType.Fixed32 when left >= sizeof(uint):
                Number = BinaryPrimitives.ReadUInt32LittleEndian(_buffer[_position..]);
                _position += sizeof(uint);
                return true;
            case WireType.Bytes:
                if (!TryVarint(out var length) || length > (ulong)(_buffer.Length - _position))
                {
                    return Fail();
                }

                Bytes = _buffer.Slice(_position, (int)length);
                _position += (int)length;
                return true;
            default:
                return Fail();
        }
    }

    public void Read(ref ulong value)
    {
        if (Expect(Type != WireType.Bytes))
        {
            value = Number;
        }
    }

    public void Read(ref int value)
    {
        if (Expect(Type != WireType.Bytes && Number <= int.MaxValue))
        {
            value = (int)Number;
        }
    }

    public void Read(ref bool value)
    {
        if (Expect(Type != WireType.Bytes))
        {
            value = Number != 0;
        }
    }

    public void Read(ref NodeId value)
    {
        if (Expect(Type == WireType.Bytes && Bytes.Length == NodeId.Size))
        {
            value = NodeId.Read(Bytes);
        }
    }

    public void Read(ref NodeEndpoint value)
    {
        NodeEndpoint read = default;
        if (Expect(Type == WireType.Bytes && EndpointFormat.TryRead(Bytes, out read)))
        {
            value = read;
        }
    }

    public void Read(ref ReadOnlySpan<byte> value)
    {
        if (Expect(Type == WireType.Bytes))
        {
            value = Bytes;
        }
    }

    /// <summary>Reads UTF-8 text of at most <paramref name="maxBytes"/> bytes; the bound is checked before anything is allocated.</summary>
    public void Read(ref string value, int maxBytes)
    {
        if (Expect(Type == WireType.Bytes && Bytes.Length <= maxBytes))
        {
            value = Encoding.UTF8.GetString(Bytes);
        }
    }

    private bool Expect(bool condition)
    {
        if (!condition)
        {
            Fail();
        }

        return condition;
    }

    private bool Fail()
    {
        Malformed = true;
        _position = _buffer.Length;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryVarint(out ulong value)
    {
        if ((uint)_position < (uint)_buffer.Length && _buffer[_position] < ContinuationBit)
        {
            value = _buffer[_position++]; // most are one byte: keys, lengths, states
            return true;
        }

        return TryLongVarint(out value);
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        var rest = _buffer[_position..];
        for (int shift = 0, i = 0; shift < MaxVarintBits && i < rest.Length; shift += PayloadBitsPerByte, i++)
        {
            var b = rest[i];
            if (shift == MaxVarintBits - 1 && b > LastVarintByteMax)
            {
                return false;
            }

            value |= (ulong)(b & PayloadMask) << shift;
            if ((b & ContinuationBit) == 0)
            {
                _position += i + 1;
                return true;
            }
        }

        return false;
    }
}

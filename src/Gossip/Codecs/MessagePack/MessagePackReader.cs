using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using Gossip.Codecs;

namespace Gossip;

/// <summary>
/// Reads the MessagePack format, all of it, out of bytes that anybody may have written: no length is believed that the bytes at hand do not bear out, and
/// whatever is wrong is a <see cref="PayloadException"/>.
/// </summary>
public ref struct MessagePackReader
{
    private const int Timestamp96Size = 12;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _source;
    private readonly int _maxDepth;
    private int _depth;

    /// <summary>Makes a reader.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="maxDepth">How deep objects may be inside each other: at least 1.</param>
    public MessagePackReader(ReadOnlySpan<byte> source, int maxDepth = MessagePackWriter.DefaultMaxDepth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        _source = source;
        _maxDepth = maxDepth;
    }

    /// <summary>How many bytes were read.</summary>
    public int Position { readonly get; private set; }

    /// <summary>Whether all was read.</summary>
    public readonly bool End => Position == _source.Length;

    /// <summary>The type of the next value.</summary>
    /// <exception cref="PayloadException">There is no value, or no value begins so.</exception>
    public readonly MessagePackType NextType => MessagePackCode.TypeOf(Peek()) ?? throw Error($"0x{Peek():x2} begins no value");

    private readonly int Remaining => _source.Length - Position;

    /// <summary>Reads nil if it comes next.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryReadNil()
    {
        if (Peek() != MessagePackCode.Nil)
        {
            return false;
        }

        Position++;
        return true;
    }

    /// <summary>Reads true or false.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public bool ReadBoolean()
    {
        Expect(MessagePackType.Boolean);
        return Take(1)[0] == MessagePackCode.True;
    }

    /// <summary>Reads a whole number.</summary>
    /// <typeparam name="T">The type of the number.</typeparam>
    /// <returns>The number.</returns>
    /// <exception cref="PayloadException">The next value is another one, or does not fit the type.</exception>
    public T ReadInteger<T>()
        where T : struct, IBinaryInteger<T>
    {
        var start = Position;
        try
        {
            var code = Code(MessagePackType.Integer);
            return code switch
            {
                <= MessagePackCode.MaxPositiveFixInt => T.CreateChecked(code),
                >= MessagePackCode.NegativeFixInt => T.CreateChecked(unchecked((sbyte)code)),
                MessagePackCode.UInt8 => T.CreateChecked(Take(1)[0]),
                MessagePackCode.UInt16 => T.CreateChecked(BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)))),
                MessagePackCode.UInt32 => T.CreateChecked(BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)))),
                MessagePackCode.UInt64 => T.CreateChecked(BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)))),
                MessagePackCode.Int8 => T.CreateChecked(unchecked((sbyte)Take(1)[0])),
                MessagePackCode.Int16 => T.CreateChecked(BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)))),
                MessagePackCode.Int32 => T.CreateChecked(BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)))),
                _ => T.CreateChecked(BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)))),
            };
        }
        catch (OverflowException e)
        {
            Position = start;
            throw Error($"the number does not fit {typeof(T)}", e);
        }
    }

    /// <summary>Reads a number as a floating-point number of 32 bits; one of 64 bits and a whole number are rounded to it.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public float ReadSingle() => Peek() == MessagePackCode.Float32 ? ReadFloat32() : (float)ReadDouble();

    /// <summary>Reads a number as a floating-point number of 64 bits; a whole number is rounded to it.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public double ReadDouble()
    {
        if (NextType == MessagePackType.Integer)
        {
            return Peek() == MessagePackCode.UInt64 ? ReadInteger<ulong>() : ReadInteger<long>();
        }

        Expect(MessagePackType.Float);
        return Peek() == MessagePackCode.Float32 ? ReadFloat32() : BinaryPrimitives.ReadDoubleBigEndian(Take(1 + sizeof(double))[1..]);
    }

    /// <summary>Reads text.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="PayloadException">The next value is another one, or the text is not valid UTF-8.</exception>
    public string ReadString()
    {
        try
        {
            return Utf8.GetString(ReadUtf8());
        }
        catch (DecoderFallbackException e)
        {
            throw Error("the text is not valid UTF-8", e);
        }
    }

    /// <summary>Reads the bytes of a text, without a copy.</summary>
    /// <returns>The bytes, which nobody checked to be UTF-8.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var code = Code(MessagePackType.String);
        return Take(code switch
        {
            MessagePackCode.String8 => Take(1)[0],
            MessagePackCode.String16 => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort))),
            MessagePackCode.String32 => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint))),
            _ => (uint)(code & MessagePackCode.MaxFixString),
        });
    }

    /// <summary>Reads bytes, without a copy. Text is taken for its bytes, for early versions of the format know nothing else.</summary>
    /// <returns>The bytes.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public ReadOnlySpan<byte> ReadBinary()
    {
        if (NextType == MessagePackType.String)
        {
            return ReadUtf8();
        }

        return Take(Code(MessagePackType.Binary) switch
        {
            MessagePackCode.Binary8 => Take(1)[0],
            MessagePackCode.Binary16 => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort))),
            _ => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint))),
        });
    }

    /// <summary>Reads the beginning of an array.</summary>
    /// <returns>How many values follow: never more than there are bytes for. Let memory grow with what is read, not with this number: each array inside another may claim all bytes.</returns>
    /// <exception cref="PayloadException">The next value is another one, or there are not enough bytes for so many values.</exception>
    public int ReadArrayHeader() => Count(Code(MessagePackType.Array), MessagePackCode.Array16, bytesEach: 1);

    /// <summary>Reads the beginning of a map.</summary>
    /// <returns>How many pairs of key and value follow: as for <see cref="ReadArrayHeader"/>.</returns>
    /// <exception cref="PayloadException">The next value is another one, or there are not enough bytes for so many pairs.</exception>
    public int ReadMapHeader() => Count(Code(MessagePackType.Map), MessagePackCode.Map16, bytesEach: 2);

    /// <summary>Reads an extension, without a copy.</summary>
    /// <param name="type">What the bytes mean.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        long size = Code(MessagePackType.Extension) switch
        {
            MessagePackCode.FixExtension1 => 1,
            MessagePackCode.FixExtension2 => 2,
            MessagePackCode.FixExtension4 => 4,
            MessagePackCode.FixExtension8 => 8,
            MessagePackCode.FixExtension16 => 16,
            MessagePackCode.Extension8 => Take(1)[0],
            MessagePackCode.Extension16 => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort))),
            _ => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint))),
        };
        type = unchecked((sbyte)Take(1)[0]);
        return Take(size);
    }

    /// <summary>Reads a moment as the seconds since 1970-01-01T00:00Z, and the nanoseconds after that second.</summary>
    /// <returns>Both; the nanoseconds are less than a second.</returns>
    /// <exception cref="PayloadException">The next value is another one.</exception>
    public (long Seconds, uint Nanoseconds) ReadTimestamp()
    {
        var start = Position;
        var bytes = ReadExtension(out var type);
        if (type == MessagePackCode.Timestamp && TryReadMoment(bytes, out var moment) && moment.Nanoseconds < MessagePackCode.NanosecondsPerSecond)
        {
            return moment;
        }

        Position = start;
        throw Error("the extension is no moment");
    }

    /// <summary>Reads a moment; what is finer than 100 nanoseconds is cut off.</summary>
    /// <returns>The moment, in UTC.</returns>
    /// <exception cref="PayloadException">The next value is another one, or a moment outside of the years 1 to 9999.</exception>
    public DateTime ReadDateTime()
    {
        var (seconds, nanoseconds) = ReadTimestamp();
        var first = (DateTime.MinValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        var last = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        return seconds >= first && seconds <= last
            ? DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick))
            : throw Error("the moment is not in the years 1 to 9999");
    }

    /// <summary>Passes over the next value with all that is in it, however deep.</summary>
    /// <exception cref="PayloadException">There is no whole value.</exception>
    public void Skip()
    {
        for (var left = 1L; left > 0; left--)
        {
            switch (NextType)
            {
                case MessagePackType.Nil or MessagePackType.Boolean:
                    Position++;
                    break;
                case MessagePackType.Integer:
                    SkipInteger();
                    break;
                case MessagePackType.Float:
                    _ = ReadDouble();
                    break;
                case MessagePackType.String or MessagePackType.Binary:
                    _ = ReadBinary();
                    break;
                case MessagePackType.Extension:
                    _ = ReadExtension(out _);
                    break;
                case MessagePackType.Array:
                    left += ReadArrayHeader();
                    break;
                default:
                    left += 2L * ReadMapHeader();
                    break;
            }
        }
    }

    /// <summary>Goes into an array, map or object.</summary>
    internal void Enter()
    {
        if (++_depth > _maxDepth)
        {
            throw Error($"there are more than {_maxDepth} objects inside each other");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>The error for what is wrong here.</summary>
    internal readonly PayloadException Error(string what, Exception? inner = null) => new($"The MessagePack cannot be read at byte {Position}: {what}.", inner);

    private static bool TryReadMoment(ReadOnlySpan<byte> bytes, out (long Seconds, uint Nanoseconds) moment)
    {
        moment = default;
        switch (bytes.Length)
        {
            case sizeof(uint):
                moment = (BinaryPrimitives.ReadUInt32BigEndian(bytes), 0);
                return true;
            case sizeof(ulong):
                var both = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                moment = ((long)(both & ((1UL << MessagePackCode.TimestampSecondsBits) - 1)), (uint)(both >> MessagePackCode.TimestampSecondsBits));
                return true;
            case Timestamp96Size:
                moment = (BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(uint)..]), BinaryPrimitives.ReadUInt32BigEndian(bytes));
                return true;
            default:
                return false;
        }
    }

    private float ReadFloat32() => BinaryPrimitives.ReadSingleBigEndian(Take(1 + sizeof(float))[1..]);

    private void SkipInteger()
    {
        if (Peek() == MessagePackCode.UInt64)
        {
            _ = ReadInteger<ulong>();
        }
        else
        {
            _ = ReadInteger<long>();
        }
    }

    private readonly byte Peek() => End ? throw Error("it ends where a value should begin") : _source[Position];

    private byte Code(MessagePackType expected)
    {
        Expect(expected);
        return _source[Position++];
    }

    private readonly void Expect(MessagePackType expected)
    {
        if (NextType is var type && type != expected)
        {
            ThrowUnexpected(type, expected);
        }
    }

    [DoesNotReturn]
    private readonly void ThrowUnexpected(MessagePackType found, MessagePackType expected) => throw Error($"{found} stands where {expected} should");

    private int Count(byte code, byte of16, int bytesEach)
    {
        var count = code < MessagePackCode.FixString ? (uint)(code & MessagePackCode.MaxFixCount)
            : code == of16 ? BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)))
            : BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));
        return count <= (uint)(Remaining / bytesEach) ? (int)count : throw Error($"{count} values are announced, and {Remaining} bytes are left");
    }

    private ReadOnlySpan<byte> Take(long size)
    {
        if (size > Remaining)
        {
            throw Error($"{size} bytes are announced, and {Remaining} are left");
        }

        var taken = _source.Slice(Position, (int)size);
        Position += (int)size;
        return taken;
    }
}

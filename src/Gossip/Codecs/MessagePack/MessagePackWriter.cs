using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Gossip.Codecs;

namespace Gossip;

/// <summary>
/// Writes the MessagePack format, all of it, each value in its shortest form. What is written reaches the buffer with <see cref="Flush"/>.
/// Whoever writes the header of an array or a map writes as many values, or pairs, as it says.
/// </summary>
public ref struct MessagePackWriter
{
    /// <summary>How deep arrays, maps and objects may be inside each other when nothing else is said.</summary>
    public const int DefaultMaxDepth = 64;

    private const int MaxHeader = 6; // a code, a length of 32 bits and the number of an extension
    private const int MaxNumber = 9; // a code and 64 bits
    private const int Timestamp96Size = 12;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly IBufferWriter<byte> _output;
    private readonly int _maxDepth;
    private Span<byte> _span;
    private int _used;
    private int _depth;

    /// <summary>Makes a writer.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="maxDepth">How deep objects may be inside each other: at least 1.</param>
    public MessagePackWriter(IBufferWriter<byte> output, int maxDepth = DefaultMaxDepth)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        _output = output;
        _maxDepth = maxDepth;
    }

    /// <summary>Hands all that was written to the buffer.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
        }

        _span = default;
        _used = 0;
    }

    /// <summary>Writes nil.</summary>
    public void WriteNil() => Put(MessagePackCode.Nil);

    /// <summary>Writes true or false.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => Put(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes a whole number.</summary>
    /// <param name="value">The number.</param>
    public void WriteInteger(long value)
    {
        if (value >= 0)
        {
            WriteInteger((ulong)value);
            return;
        }

        var span = Reserve(MaxNumber);
        switch (value)
        {
            case >= MessagePackCode.MinNegativeFixInt:
                span[0] = unchecked((byte)value);
                _used += 1;
                break;
            case >= sbyte.MinValue:
                span[0] = MessagePackCode.Int8;
                span[1] = unchecked((byte)value);
                _used += 2;
                break;
            case >= short.MinValue:
                span[0] = MessagePackCode.Int16;
                BinaryPrimitives.WriteInt16BigEndian(span[1..], (short)value);
                _used += 1 + sizeof(short);
                break;
            case >= int.MinValue:
                span[0] = MessagePackCode.Int32;
                BinaryPrimitives.WriteInt32BigEndian(span[1..], (int)value);
                _used += 1 + sizeof(int);
                break;
            default:
                span[0] = MessagePackCode.Int64;
                BinaryPrimitives.WriteInt64BigEndian(span[1..], value);
                _used += 1 + sizeof(long);
                break;
        }
    }

    /// <summary>Writes a whole number that is not negative.</summary>
    /// <param name="value">The number.</param>
    public void WriteInteger(ulong value)
    {
        switch (value)
        {
            case <= MessagePackCode.MaxPositiveFixInt:
                Put((byte)value);
                break;
            case <= byte.MaxValue:
                Put(MessagePackCode.UInt8, (byte)value);
                break;
            case <= ushort.MaxValue:
                Put(MessagePackCode.UInt16, (ushort)value);
                break;
            case <= uint.MaxValue:
                Put(MessagePackCode.UInt32, (uint)value);
                break;
            default:
                var span = Reserve(MaxNumber);
                span[0] = MessagePackCode.UInt64;
                BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
                _used += 1 + sizeof(ulong);
                break;
        }
    }

    /// <summary>Writes a floating-point number of 32 bits.</summary>
    /// <param name="value">The number.</param>
    public void WriteSingle(float value)
    {
        var span = Reserve(MaxNumber);
        span[0] = MessagePackCode.Float32;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        _used += 1 + sizeof(float);
    }

    /// <summary>Writes a floating-point number of 64 bits.</summary>
    /// <param name="value">The number.</param>
    public void WriteDouble(double value)
    {
        var span = Reserve(MaxNumber);
        span[0] = MessagePackCode.Float64;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _used += 1 + sizeof(double);
    }

    /// <summary>Writes text.</summary>
    /// <param name="value">The text; null is written as nil.</param>
    /// <exception cref="PayloadException">The text has half a surrogate pair and is no valid Unicode.</exception>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteNil();
            return;
        }

        try
        {
            var size = Utf8.GetByteCount(value);
            WriteStringHeader(size);
            var span = Reserve(size);
            _used += Utf8.GetBytes(value, span);
        }
        catch (EncoderFallbackException e)
        {
            throw new PayloadException("The text is not valid Unicode: send it as bytes.", e);
        }
    }

    /// <summary>Writes text that is UTF-8 already.</summary>
    /// <param name="utf8">The bytes of the text, which are not checked.</param>
    public void WriteUtf8(scoped ReadOnlySpan<byte> utf8)
    {
        WriteStringHeader(utf8.Length);
        WriteRaw(utf8);
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        switch (bytes.Length)
        {
            case <= byte.MaxValue:
                Put(MessagePackCode.Binary8, (byte)bytes.Length);
                break;
            case <= ushort.MaxValue:
                Put(MessagePackCode.Binary16, (ushort)bytes.Length);
                break;
            default:
                Put(MessagePackCode.Binary32, (uint)bytes.Length);
                break;
        }

        WriteRaw(bytes);
    }

    /// <summary>Begins an array.</summary>
    /// <param name="count">How many values follow: at least 0.</param>
    public void WriteArrayHeader(int count) => WriteCount(count, MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32);

    /// <summary>Begins a map.</summary>
    /// <param name="count">How many pairs of key and value follow: at least 0.</param>
    public void WriteMapHeader(int count) => WriteCount(count, MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32);

    /// <summary>Writes an extension.</summary>
    /// <param name="type">What the bytes mean: 0 to 127 are the application's, the negative ones belong to the format.</param>
    /// <param name="bytes">The bytes.</param>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> bytes)
    {
        switch (bytes.Length)
        {
            case 1:
                Put(MessagePackCode.FixExtension1);
                break;
            case 2:
                Put(MessagePackCode.FixExtension2);
                break;
            case 4:
                Put(MessagePackCode.FixExtension4);
                break;
            case 8:
                Put(MessagePackCode.FixExtension8);
                break;
            case 16:
                Put(MessagePackCode.FixExtension16);
                break;
            case <= byte.MaxValue:
                Put(MessagePackCode.Extension8, (byte)bytes.Length);
                break;
            case <= ushort.MaxValue:
                Put(MessagePackCode.Extension16, (ushort)bytes.Length);
                break;
            default:
                Put(MessagePackCode.Extension32, (uint)bytes.Length);
                break;
        }

        Put(unchecked((byte)type));
        WriteRaw(bytes);
    }

    /// <summary>Writes a moment, exact to 100 nanoseconds.</summary>
    /// <param name="value">The moment; local time is turned to UTC, and time of no kind is taken for UTC.</param>
    public void WriteTimestamp(DateTime value)
    {
        var ticks = (value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value).Ticks - DateTime.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + TimeSpan.TicksPerSecond);
        }

        WriteTimestamp(seconds, (uint)(rest * TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Writes a moment.</summary>
    /// <param name="seconds">The seconds since 1970-01-01T00:00Z; negative before.</param>
    /// <param name="nanoseconds">The nanoseconds after that second: 0 to 999 999 999.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nanoseconds"/> are a second or more.</exception>
    public void WriteTimestamp(long seconds, uint nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(nanoseconds, (uint)MessagePackCode.NanosecondsPerSecond);
        Span<byte> bytes = stackalloc byte[Timestamp96Size];
        if (seconds >>> MessagePackCode.TimestampSecondsBits != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, nanoseconds);
            BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(uint)..], seconds);
        }
        else if (nanoseconds == 0 && seconds <= uint.MaxValue)
        {
            bytes = bytes[..sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)seconds);
        }
        else
        {
            bytes = bytes[..sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)nanoseconds << MessagePackCode.TimestampSecondsBits) | (ulong)seconds);
        }

        WriteExtension(MessagePackCode.Timestamp, bytes);
    }

    /// <summary>Writes bytes that are MessagePack already.</summary>
    /// <param name="encoded">The bytes, which are not checked.</param>
    public void WriteRaw(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(Reserve(encoded.Length));
        _used += encoded.Length;
    }

    /// <summary>Goes into an array, map or object. Without a limit an object that contains itself would never end.</summary>
    internal void Enter()
    {
        if (++_depth > _maxDepth)
        {
            throw new PayloadException($"The objects are more than {_maxDepth} deep inside each other: one may contain itself. Send a flatter one, or allow for a greater depth.");
        }
    }

    internal void Leave() => _depth--;

    private void WriteStringHeader(int size)
    {
        switch (size)
        {
            case <= MessagePackCode.MaxFixString:
                Put((byte)(MessagePackCode.FixString | size));
                break;
            case <= byte.MaxValue:
                Put(MessagePackCode.String8, (byte)size);
                break;
            case <= ushort.MaxValue:
                Put(MessagePackCode.String16, (ushort)size);
                break;
            default:
                Put(MessagePackCode.String32, (uint)size);
                break;
        }
    }

    private void WriteCount(int count, byte fix, byte of16, byte of32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        switch (count)
        {
            case <= MessagePackCode.MaxFixCount:
                Put((byte)(fix | count));
                break;
            case <= ushort.MaxValue:
                Put(of16, (ushort)count);
                break;
            default:
                Put(of32, (uint)count);
                break;
        }
    }

    private void Put(byte code)
    {
        Reserve(1)[0] = code;
        _used++;
    }

    private void Put(byte code, byte number)
    {
        var span = Reserve(MaxHeader);
        span[0] = code;
        span[1] = number;
        _used += 2;
    }

    private void Put(byte code, ushort number)
    {
        var span = Reserve(MaxHeader);
        span[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], number);
        _used += 1 + sizeof(ushort);
    }

    private void Put(byte code, uint number)
    {
        var span = Reserve(MaxHeader);
        span[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], number);
        _used += 1 + sizeof(uint);
    }

    private Span<byte> Reserve(int size)
    {
        if (_span.Length - _used < size)
        {
            Flush();
            _span = _output.GetSpan(size);
        }

        return _span[_used..];
    }
}

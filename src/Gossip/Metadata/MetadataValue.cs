using System.Diagnostics.CodeAnalysis;
using System.Text;
using Gossip.Metadata;

namespace Gossip;

/// <summary>
/// One value of a node's metadata: a string, truth value, integer, floating-point number, moment or bytes. It is immutable,
/// and made by implicit conversion: <c>MetadataValue cores = 8;</c>
/// </summary>
/// <remarks>
/// Two values are equal when their kinds and their contents are: the signed 5 is not the unsigned 5, a moment's offset counts,
/// and floating-point numbers are compared by their bits, so that NaN equals itself and −0 differs from 0.
/// </remarks>
public readonly struct MetadataValue : IEquatable<MetadataValue>
{
    // Text that UTF-8 cannot carry (half a surrogate pair) would change on its way, so it is refused when it comes in.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly object? _content;
    private readonly short _offsetMinutes;
    private readonly byte _kind;

    private MetadataValue(MetadataValueKind kind, ulong bits, object? content = null, short offsetMinutes = 0)
    {
        _kind = (byte)kind;
        Bits = bits;
        _content = content;
        _offsetMinutes = offsetMinutes;
    }

    /// <summary>The type of the value.</summary>
    public MetadataValueKind Kind => (MetadataValueKind)_kind;

    /// <summary>The content of every kind that fits a word: two's complement, IEEE 754, 0 or 1, or UTC ticks.</summary>
    internal ulong Bits { get; }

    internal string Text => _content as string ?? "";

    /// <summary>The content of bytes, or the encoded form of an unknown kind. Never to be written to.</summary>
    internal byte[] Bytes => _content as byte[] ?? [];

    internal int OffsetMinutes => _offsetMinutes;

    internal double Double => BitConverter.UInt64BitsToDouble(Bits);

    internal DateTimeOffset Time => new DateTimeOffset((long)Bits, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(_offsetMinutes));

    /// <summary>Text.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> holds half a surrogate pair, which is no text.</exception>
    public static implicit operator MetadataValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _ = StrictUtf8.GetByteCount(value);
        return new(MetadataValueKind.String, 0, value);
    }

    /// <summary>A truth value.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator MetadataValue(bool value) => new(MetadataValueKind.Boolean, value ? 1UL : 0UL);

    /// <summary>A signed integer; <see cref="int"/>, <see cref="short"/> and <see cref="sbyte"/> come this way too.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator MetadataValue(long value) => new(MetadataValueKind.Int64, unchecked((ulong)value));

    /// <summary>A small unsigned integer, which becomes a signed one; <see cref="ushort"/> and <see cref="byte"/> come this way too.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator MetadataValue(uint value) => (long)value;

    /// <summary>An unsigned integer.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator MetadataValue(ulong value) => new(MetadataValueKind.UInt64, value);

    /// <summary>One character, which becomes text and not the number behind it.</summary>
    /// <param name="value">The character.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is half a surrogate pair, which is no text.</exception>
    public static implicit operator MetadataValue(char value) => value.ToString();

    /// <summary>A floating-point number; <see cref="float"/> comes this way too.</summary>
    /// <param name="value">The value; NaN and the infinities are allowed.</param>
    public static implicit operator MetadataValue(double value) =>
        new(MetadataValueKind.Double, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A moment; its offset is kept.</summary>
    /// <param name="value">The moment.</param>
    public static implicit operator MetadataValue(DateTimeOffset value) => OfTime(value.UtcTicks, value.TotalOffsetMinutes);

    /// <summary>Bytes, which are copied.</summary>
    /// <param name="value">The bytes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    public static implicit operator MetadataValue(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return OfBytes(value);
    }

    /// <summary>Bytes, which are copied.</summary>
    /// <param name="value">The bytes.</param>
    public static implicit operator MetadataValue(ReadOnlyMemory<byte> value) => OfBytes(value.Span);

    /// <summary>Whether two values have the same kind and content.</summary>
    public static bool operator ==(MetadataValue left, MetadataValue right) => left.Equals(right);

    /// <summary>Whether two values differ in kind or content.</summary>
    public static bool operator !=(MetadataValue left, MetadataValue right) => !left.Equals(right);

    /// <summary>Reads the value as what it is.</summary>
    /// <typeparam name="T">
    /// <see cref="string"/>, <see cref="bool"/>, any integer type of 8 to 64 bits, <see cref="double"/>, <see cref="float"/>,
    /// <see cref="DateTimeOffset"/>, <c>byte[]</c> (a copy) or <see cref="ReadOnlyMemory{T}"/> of bytes. Nothing else can be read.
    /// </typeparam>
    /// <param name="value">The value, or the default of <typeparamref name="T"/>.</param>
    /// <returns>
    /// Whether the value is a <typeparamref name="T"/>, or a number of the same sort that <typeparamref name="T"/> holds
    /// exactly: the integer 5 reads as any integer type, 2^40 not as <see cref="int"/>, and no integer reads as <see cref="double"/>.
    /// </returns>
    public bool TryGet<T>([MaybeNullWhen(false)] out T value) => MetadataConversion.TryExact(this, out value);

    /// <summary>Reads the value as what it is.</summary>
    /// <typeparam name="T">As for <see cref="TryGet{T}(out T)"/>.</typeparam>
    /// <returns>The value.</returns>
    /// <exception cref="MetadataTypeException">The value is something else, or <typeparamref name="T"/> cannot hold it exactly.</exception>
    public T Get<T>() => TryGet<T>(out var value) ? value : throw new MetadataTypeException(this, typeof(T));

    /// <summary>Converts the value, whatever the culture of the thread.</summary>
    /// <remarks>
    /// Besides all that <see cref="TryGet{T}(out T)"/> reads: numbers, truth values and moments to and from text (moments as
    /// RFC 3339, and from RFC 1123 and plain dates, in UTC unless the text says otherwise; truth values from 1, t, true, 0, f, false); truth
    /// values to 1 and 0, and numbers to truth values (false for zero only); a fraction is cut when an integer is asked for, and
    /// an integer is rounded to the nearest floating-point number; integers to moments, as nanoseconds since 1970-01-01T00:00Z. What does not fit the range, NaN where a
    /// number or truth value is needed, and text that is none of these are failures. Bytes convert to nothing but themselves.
    /// </remarks>
    /// <typeparam name="T">As for <see cref="TryGet{T}(out T)"/>.</typeparam>
    /// <param name="value">The value, or the default of <typeparamref name="T"/>.</param>
    /// <returns>Whether there is such a conversion and it succeeded.</returns>
    public bool TryConvert<T>([MaybeNullWhen(false)] out T value) => MetadataConversion.TryCoerce(this, out value);

    /// <summary>Converts the value as <see cref="TryConvert{T}(out T)"/> does.</summary>
    /// <typeparam name="T">As for <see cref="TryGet{T}(out T)"/>.</typeparam>
    /// <param name="fallback">What to return when the value does not convert.</param>
    /// <returns>The converted value, or <paramref name="fallback"/>.</returns>
    public T ConvertOr<T>(T fallback) => TryConvert<T>(out var value) ? value : fallback;

    /// <inheritdoc/>
    public bool Equals(MetadataValue other) =>
        _kind == other._kind && Bits == other.Bits && _offsetMinutes == other._offsetMinutes && Kind switch
        {
            MetadataValueKind.String => Text == other.Text,
            MetadataValueKind.Bytes or MetadataValueKind.Unknown => Bytes.AsSpan().SequenceEqual(other.Bytes),
            _ => true,
        };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MetadataValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_kind);
        hash.Add(Bits);
        hash.Add(Text, StringComparer.Ordinal);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The value as text, for people: as it converts, bytes in base 64, and <c>?</c> for an unknown kind.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Kind switch
    {
        MetadataValueKind.Unknown => "?",
        MetadataValueKind.Bytes => Convert.ToBase64String(Bytes),
        _ => ConvertOr(""),
    };

    internal static MetadataValue OfBytes(ReadOnlySpan<byte> value) => new(MetadataValueKind.Bytes, 0, value.ToArray());

    internal static MetadataValue OfUnknown(ReadOnlySpan<byte> encoded) => new(MetadataValueKind.Unknown, 0, encoded.ToArray());

    internal static MetadataValue OfTime(long utcTicks, int offsetMinutes) =>
        new(MetadataValueKind.Time, (ulong)utcTicks, null, (short)offsetMinutes);
}

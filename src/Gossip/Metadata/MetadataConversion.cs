using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Gossip.Metadata;

/// <summary>
/// Reads a <see cref="MetadataValue"/> as a .NET type: exactly, or by the conversions of dynamic languages. The comparisons of
/// types are constants for the compiler, so each use shrinks to one branch, without reflection.
/// </summary>
internal static class MetadataConversion
{
    private const NumberStyles NumberStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private const double UInt64Range = 18446744073709551616.0; // 2^64

    public static bool TryExact<T>(in MetadataValue value, [MaybeNullWhen(false)] out T result)
    {
        if (typeof(T) == typeof(string))
        {
            return Return(value.Kind == MetadataValueKind.String, value.Text, out result);
        }

        if (typeof(T) == typeof(bool))
        {
            return Return(value.Kind == MetadataValueKind.Boolean, value.Bits != 0, out result);
        }

        if (typeof(T) == typeof(double))
        {
            return Return(value.Kind == MetadataValueKind.Double, value.Double, out result);
        }

        if (typeof(T) == typeof(float))
        {
            var narrow = (float)value.Double;
            var exact = value.Kind == MetadataValueKind.Double && (narrow == value.Double || double.IsNaN(value.Double));
            return Return(exact, narrow, out result);
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            var isTime = value.Kind == MetadataValueKind.Time;
            return Return(isTime, isTime ? value.Time : default, out result);
        }

        if (typeof(T) == typeof(byte[]))
        {
            var isBytes = value.Kind == MetadataValueKind.Bytes;
            return Return(isBytes, isBytes ? value.Bytes.AsSpan().ToArray() : null, out result);
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return Return(value.Kind == MetadataValueKind.Bytes, new ReadOnlyMemory<byte>(value.Bytes), out result);
        }

        result = default;
        return value.Kind switch
        {
            MetadataValueKind.Int64 => TryNarrow((long)value.Bits, out result),
            MetadataValueKind.UInt64 => TryNarrow(value.Bits, out result),
            _ => false,
        };
    }

    public static bool TryCoerce<T>(in MetadataValue value, [MaybeNullWhen(false)] out T result)
    {
        if (TryExact(value, out result))
        {
            return true;
        }

        if (typeof(T) == typeof(string))
        {
            return Return(TryText(value, out var text), text, out result);
        }

        if (typeof(T) == typeof(bool))
        {
            return Return(TryBoolean(value, out var truth), truth, out result);
        }

        if (typeof(T) == typeof(double))
        {
            return Return(TryDouble(value, out var number), number, out result);
        }

        if (typeof(T) == typeof(float))
        {
            var converted = TryDouble(value, out var number);
            return Return(converted && (float.IsFinite((float)number) || !double.IsFinite(number)), (float)number, out result);
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            return Return(TryTime(value, out var time), time, out result);
        }

        return TryInteger(value, out var integer) && TryNarrow(integer, out result);
    }

    private static bool TryText(in MetadataValue value, [NotNullWhen(true)] out string? text)
    {
        text = value.Kind switch
        {
            MetadataValueKind.Boolean => value.Bits != 0 ? "true" : "false",
            MetadataValueKind.Int64 => ((long)value.Bits).ToString(CultureInfo.InvariantCulture),
            MetadataValueKind.UInt64 => value.Bits.ToString(CultureInfo.InvariantCulture),
            MetadataValueKind.Double => value.Double.ToString(CultureInfo.InvariantCulture),
            MetadataValueKind.Time => TimeText.Format(value.Time),
            _ => null,
        };
        return text is not null;
    }

    private static bool TryBoolean(in MetadataValue value, out bool truth)
    {
        truth = value.Kind switch
        {
            MetadataValueKind.Int64 or MetadataValueKind.UInt64 => value.Bits != 0,
            MetadataValueKind.Double => value.Double != 0,
            MetadataValueKind.String => IsAnyOf(value.Text, "true", "t", "1"),
            _ => false,
        };
        return value.Kind switch
        {
            MetadataValueKind.Int64 or MetadataValueKind.UInt64 => true,
            MetadataValueKind.Double => !double.IsNaN(value.Double),
            MetadataValueKind.String => truth || IsAnyOf(value.Text, "false", "f", "0"),
            _ => false,
        };
    }

    private static bool TryDouble(in MetadataValue value, out double number)
    {
        number = value.Kind switch
        {
            MetadataValueKind.Boolean or MetadataValueKind.UInt64 => value.Bits,
            MetadataValueKind.Int64 => (long)value.Bits,
            _ => value.Double,
        };
        return value.Kind switch
        {
            MetadataValueKind.Boolean or MetadataValueKind.UInt64 or MetadataValueKind.Int64 or MetadataValueKind.Double => true,

            // Digits that parse to an infinity are an overflow; the words "NaN" and "Infinity" mean what they say.
            MetadataValueKind.String => double.TryParse(value.Text, NumberStyle, CultureInfo.InvariantCulture, out number)
                && (double.IsFinite(number) || !value.Text.AsSpan().ContainsAnyInRange('0', '9')),
            _ => false,
        };
    }

    private static bool TryInteger(in MetadataValue value, out Int128 integer)
    {
        integer = 0;
        switch (value.Kind)
        {
            case MetadataValueKind.Boolean:
                integer = value.Bits;
                return true;
            case MetadataValueKind.Double when Math.Abs(value.Double) < UInt64Range:
                integer = (Int128)Math.Truncate(value.Double);
                return true;

            // Decimal keeps every digit of a 64-bit integer, which double does not.
            case MetadataValueKind.String when decimal.TryParse(value.Text, NumberStyle, CultureInfo.InvariantCulture, out var number):
                integer = (Int128)decimal.Truncate(number);
                return true;
            default:
                return false;
        }
    }

    private static bool TryTime(in MetadataValue value, out DateTimeOffset time)
    {
        time = default;
        switch (value.Kind)
        {
            // All nanoseconds that 64 bits can count are within the years 1677 to 2554.
            case MetadataValueKind.Int64:
                var ticks = Math.DivRem((long)value.Bits, TimeSpan.NanosecondsPerTick).Quotient;
                time = DateTimeOffset.UnixEpoch.AddTicks(ticks);
                return true;
            case MetadataValueKind.UInt64:
                time = DateTimeOffset.UnixEpoch.AddTicks((long)(value.Bits / TimeSpan.NanosecondsPerTick));
                return true;
            case MetadataValueKind.String:
                return TimeText.TryParse(value.Text, out time);
            default:
                return false;
        }
    }

    private static bool IsAnyOf(string text, string word, string letter, string digit) =>
        text.Equals(word, StringComparison.OrdinalIgnoreCase) || text.Equals(letter, StringComparison.OrdinalIgnoreCase) || text == digit;

    private static bool TryNarrow<T>(Int128 integer, [MaybeNullWhen(false)] out T result)
    {
        if (typeof(T) == typeof(long))
        {
            return TryNarrow<long, T>(integer, out result);
        }

        if (typeof(T) == typeof(int))
        {
            return TryNarrow<int, T>(integer, out result);
        }

        if (typeof(T) == typeof(short))
        {
            return TryNarrow<short, T>(integer, out result);
        }

        if (typeof(T) == typeof(sbyte))
        {
            return TryNarrow<sbyte, T>(integer, out result);
        }

        if (typeof(T) == typeof(ulong))
        {
            return TryNarrow<ulong, T>(integer, out result);
        }

        if (typeof(T) == typeof(uint))
        {
            return TryNarrow<uint, T>(integer, out result);
        }

        if (typeof(T) == typeof(ushort))
        {
            return TryNarrow<ushort, T>(integer, out result);
        }

        if (typeof(T) == typeof(byte))
        {
            return TryNarrow<byte, T>(integer, out result);
        }

        result = default;
        return false;
    }

    private static bool TryNarrow<TInteger, T>(Int128 integer, [MaybeNullWhen(false)] out T result)
        where TInteger : struct, IBinaryInteger<TInteger>, IMinMaxValue<TInteger>
    {
        var fits = integer >= Int128.CreateTruncating(TInteger.MinValue) && integer <= Int128.CreateTruncating(TInteger.MaxValue);
        return Return(fits, TInteger.CreateTruncating(integer), out result);
    }

    private static bool Return<TValue, T>(bool success, TValue value, [MaybeNullWhen(false)] out T result)
    {
        // TValue is T here, which the compiler cannot see; the just-in-time compiler can, and boxes nothing.
        result = success ? (T)(object)value! : default;
        return success;
    }
}

using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;

namespace Gossip.Codecs;

/// <summary>The types of .NET that are one value of the format, and how. Where the format leaves a choice, it is that of MessagePack-CSharp.</summary>
internal static class Scalars
{
    /// <summary>The longest text that a number of this type needs, with room for zeros that others write.</summary>
    private const int MaxDecimalLength = 128;

    private const int GuidLength = 36; // with hyphens

    private static readonly FrozenDictionary<Type, MessagePackConverter> All = Make().ToFrozenDictionary(static converter => converter.Type);

    public static MessagePackConverter? Find(Type type) => All.GetValueOrDefault(type);

    private static IEnumerable<MessagePackConverter> Make() =>
    [
        Of(static (ref MessagePackWriter writer, bool value) => writer.WriteBoolean(value), static (ref MessagePackReader reader) => reader.ReadBoolean()),
        Of(static (ref MessagePackWriter writer, byte value) => writer.WriteInteger((ulong)value), static (ref MessagePackReader reader) => reader.ReadInteger<byte>()),
        Of(static (ref MessagePackWriter writer, sbyte value) => writer.WriteInteger(value), static (ref MessagePackReader reader) => reader.ReadInteger<sbyte>()),
        Of(static (ref MessagePackWriter writer, short value) => writer.WriteInteger(value), static (ref MessagePackReader reader) => reader.ReadInteger<short>()),
        Of(static (ref MessagePackWriter writer, ushort value) => writer.WriteInteger((ulong)value), static (ref MessagePackReader reader) => reader.ReadInteger<ushort>()),
        Of(static (ref MessagePackWriter writer, int value) => writer.WriteInteger(value), static (ref MessagePackReader reader) => reader.ReadInteger<int>()),
        Of(static (ref MessagePackWriter writer, uint value) => writer.WriteInteger((ulong)value), static (ref MessagePackReader reader) => reader.ReadInteger<uint>()),
        Of(static (ref MessagePackWriter writer, long value) => writer.WriteInteger(value), static (ref MessagePackReader reader) => reader.ReadInteger<long>()),
        Of(static (ref MessagePackWriter writer, ulong value) => writer.WriteInteger(value), static (ref MessagePackReader reader) => reader.ReadInteger<ulong>()),
        Of(static (ref MessagePackWriter writer, char value) => writer.WriteInteger((ulong)value), static (ref MessagePackReader reader) => (char)reader.ReadInteger<ushort>()),
        Of(static (ref MessagePackWriter writer, float value) => writer.WriteSingle(value), static (ref MessagePackReader reader) => reader.ReadSingle()),
        Of(static (ref MessagePackWriter writer, double value) => writer.WriteDouble(value), static (ref MessagePackReader reader) => reader.ReadDouble()),
        Of(static (ref MessagePackWriter writer, string value) => writer.WriteString(value), static (ref MessagePackReader reader) => reader.ReadString()),
        Of(static (ref MessagePackWriter writer, byte[] value) => writer.WriteBinary(value), static (ref MessagePackReader reader) => reader.ReadBinary().ToArray()),
        Of(static (ref MessagePackWriter writer, ReadOnlyMemory<byte> value) => writer.WriteBinary(value.Span), static (ref MessagePackReader reader) => (ReadOnlyMemory<byte>)reader.ReadBinary().ToArray()),
        Of(static (ref MessagePackWriter writer, Memory<byte> value) => writer.WriteBinary(value.Span), static (ref MessagePackReader reader) => reader.ReadBinary().ToArray().AsMemory()),
        Of(static (ref MessagePackWriter writer, DateTime value) => writer.WriteTimestamp(value), static (ref MessagePackReader reader) => reader.ReadDateTime()),
        Of<DateTimeOffset>(WriteOffset, ReadOffset),
        Of(static (ref MessagePackWriter writer, TimeSpan value) => writer.WriteInteger(value.Ticks), static (ref MessagePackReader reader) => new TimeSpan(reader.ReadInteger<long>())),
        Of(static (ref MessagePackWriter writer, DateOnly value) => writer.WriteInteger(value.DayNumber), ReadDate),
        Of(static (ref MessagePackWriter writer, TimeOnly value) => writer.WriteInteger(value.Ticks), ReadTime),
        Of<Guid>(WriteGuid, ReadGuid),
        Of(static (ref MessagePackWriter writer, decimal value) => writer.WriteString(value.ToString(CultureInfo.InvariantCulture)), ReadDecimal),
        Of(static (ref MessagePackWriter writer, Uri value) => writer.WriteString(value.OriginalString), ReadUri),
        Of(static (ref MessagePackWriter writer, Version value) => writer.WriteString(value.ToString()), ReadVersion),
    ];

    private static ScalarConverter<T> Of<T>(ScalarWriter<T> write, ScalarReader<T> read) => new(write, read);

    /// <summary>The time on the clock as if it were UTC, and the minutes by which it is ahead: so both survive.</summary>
    private static void WriteOffset(ref MessagePackWriter writer, DateTimeOffset value)
    {
        writer.WriteArrayHeader(2);
        writer.WriteTimestamp(DateTime.SpecifyKind(value.DateTime, DateTimeKind.Utc));
        writer.WriteInteger(value.TotalOffsetMinutes);
    }

    private static DateTimeOffset ReadOffset(ref MessagePackReader reader)
    {
        if (reader.NextType == MessagePackType.Extension)
        {
            return new DateTimeOffset(reader.ReadDateTime()); // of others, who have moments only
        }

        if (reader.ReadArrayHeader() != 2)
        {
            throw reader.Error("a moment with an offset has two parts");
        }

        var clock = DateTime.SpecifyKind(reader.ReadDateTime(), DateTimeKind.Unspecified);
        var minutes = reader.ReadInteger<short>();
        try
        {
            return new DateTimeOffset(clock, TimeSpan.FromMinutes(minutes));
        }
        catch (ArgumentException e)
        {
            throw reader.Error($"{clock:O} with {minutes} minutes is no moment", e);
        }
    }

    private static DateOnly ReadDate(ref MessagePackReader reader) =>
        reader.ReadInteger<int>() is var day && day >= DateOnly.MinValue.DayNumber && day <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber(day)
            : throw reader.Error($"{day} is no number of a day");

    private static TimeOnly ReadTime(ref MessagePackReader reader) =>
        reader.ReadInteger<long>() is var ticks && ticks >= TimeOnly.MinValue.Ticks && ticks <= TimeOnly.MaxValue.Ticks
            ? new TimeOnly(ticks)
            : throw reader.Error($"{ticks} is no time of a day");

    private static void WriteGuid(ref MessagePackWriter writer, Guid value)
    {
        Span<byte> text = stackalloc byte[GuidLength];
        _ = value.TryFormat(text, out _);
        writer.WriteUtf8(text);
    }

    private static Guid ReadGuid(ref MessagePackReader reader)
    {
        var text = reader.ReadUtf8();
        return text.Length == GuidLength && Utf8Parser.TryParse(text, out Guid value, out var length) && length == GuidLength ? value : throw reader.Error("the text is no UUID with hyphens");
    }

    private static decimal ReadDecimal(ref MessagePackReader reader)
    {
        if (reader.NextType == MessagePackType.Integer)
        {
            return (decimal)reader.ReadInteger<Int128>();
        }

        return reader.ReadString() is { Length: <= MaxDecimalLength } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw reader.Error("the text is no decimal number");
    }

    private static Uri ReadUri(ref MessagePackReader reader) =>
        Uri.TryCreate(reader.ReadString(), UriKind.RelativeOrAbsolute, out var value) ? value : throw reader.Error("the text is no URI");

    private static Version ReadVersion(ref MessagePackReader reader) =>
        Version.TryParse(reader.ReadString(), out var value) ? value : throw reader.Error("the text is no version");
}

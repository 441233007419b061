using Xunit;

namespace Gossip.Tests.Metadata;

public class MetadataConversionTests
{
    private static readonly DateTimeOffset Midday = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void To_text() => Table<string>(
        (true, "true"),
        (false, "false"),
        (-5, "-5"),
        (ulong.MaxValue, "18446744073709551615"),
        (0.1, "0.1"),
        (double.NaN, "NaN"),
        (double.NegativeInfinity, "-Infinity"),
        ("as is", "as is"),
        (Midday, "2025-06-01T12:00:00Z"),
        (Midday.ToOffset(TimeSpan.FromHours(2)).AddTicks(1), "2025-06-01T14:00:00.0000001+02:00"),
        (new byte[] { 1 }, null),
        (default(MetadataValue), null));

    [Fact]
    public void To_a_truth_value() => Table<bool?>(
        (true, true),
        ("true", true), ("TRUE", true), ("t", true), ("1", true),
        ("False", false), ("F", false), ("0", false),
        ("yes", null), ("", null), (" true", null), ("2", null),
        (0, false), (-1, true), (7UL, true), (0.0, false), (-0.0, false), (0.1, true),
        (double.PositiveInfinity, true), (double.NaN, null),
        (Midday, null), (new byte[] { 1 }, null));

    [Fact]
    public void To_a_signed_integer() => Table<long?>(
        (true, 1), (false, 0),
        (5, 5), (5UL, 5), (ulong.MaxValue, null),
        (1.9, 1), (-1.9, -1), (9.3e18, null), (double.NaN, null), (double.PositiveInfinity, null), (1e300, null),
        ("42", 42), ("-42", -42), ("+42", 42), ("123.45", 123), ("1e3", 1000),
        ("9223372036854775807", long.MaxValue), ("9223372036854775808", null), ("9007199254740993.5", 9007199254740993),
        ("", null), ("4 2", null), (" 42", null), ("1,000", null), ("0x10", null), ("NaN", null), ("1e400", null),
        (Midday, null), (new byte[] { 1 }, null), (default(MetadataValue), null));

    [Fact]
    public void To_an_unsigned_integer() => Table<ulong?>(
        (5, 5), (-1, null), (-0.5, 0), (-1.5, null), ("18446744073709551615", ulong.MaxValue), ("-1", null), (true, 1),
        (18446744073709551616.0, null));

    [Fact]
    public void To_a_narrow_integer() => Table<byte?>((255, 255), (256, null), ("255", 255), ("-1", null), (255.9, 255));

    [Fact]
    public void To_a_floating_point_number() => Table<double?>(
        (true, 1.0), (5, 5.0), (ulong.MaxValue, 18446744073709551615.0),
        ("1.5", 1.5), ("-1e3", -1000.0), ("NaN", double.NaN), ("Infinity", double.PositiveInfinity), ("1e999", null), ("x", null), ("1,5", null),
        (Midday, null), (new byte[] { 1 }, null));

    [Fact]
    public void To_a_narrow_floating_point_number() => Table<float?>(
        (0.1, 0.1f), (1e300, null), (double.PositiveInfinity, float.PositiveInfinity), ("1e300", null), (5, 5f));

    [Fact]
    public void To_a_moment() => Table<DateTimeOffset?>(
        (Midday, Midday),
        ("2025-06-01T12:00:00Z", Midday),
        ("2025-06-01T14:00:00+02:00", Midday),
        ("2025-06-01T12:00:00.000000199Z", Midday.AddTicks(1)),
        ("2025-06-01T12:00:00.5Z", Midday.AddMilliseconds(500)),
        ("Sun, 01 Jun 2025 12:00:00 GMT", Midday),
        ("2025-06-01 12:00:00", Midday),
        ("2025-06-01", Midday.AddHours(-12)),
        ("2025-06-01T12:00:00", null), ("12:00", null), ("1748779200000000000", null), ("", null), ("2025-13-01", null),
        (1748779200000000000, Midday), (1748779200000000000UL, Midday), (0, DateTimeOffset.UnixEpoch), (-100, DateTimeOffset.UnixEpoch.AddTicks(-1)),
        (long.MinValue, DateTimeOffset.UnixEpoch.AddTicks(long.MinValue / 100)),
        (ulong.MaxValue, DateTimeOffset.UnixEpoch.AddTicks((long)(ulong.MaxValue / 100))),
        (1.5, null), (true, null), (new byte[] { 1 }, null));

    [Fact]
    public void To_bytes_only_from_bytes()
    {
        Assert.Equal([1], ((MetadataValue)new byte[] { 1 }).ConvertOr<byte[]>([]));
        Assert.False(((MetadataValue)"AQ==").TryConvert<byte[]>(out _));
        Assert.False(((MetadataValue)1).TryConvert<ReadOnlyMemory<byte>>(out _));
    }

    [Fact]
    public void A_fallback_stands_in_for_what_does_not_convert()
    {
        Assert.Equal(7, ((MetadataValue)"seven").ConvertOr(7));
        Assert.Equal(8, ((MetadataValue)"8").ConvertOr(7));
    }

    // Converts each value to T, or to what a nullable T wraps; null stands for a refusal.
    private static void Table<T>(params (MetadataValue Value, T? Expected)[] rows) =>
        Assert.All(rows, row => Assert.Equal((object?)row.Expected, Convert<T>(row.Value)));

    private static object? Convert<T>(MetadataValue value) => default(T) switch
    {
        _ when typeof(T) == typeof(string) => value.TryConvert<string>(out var v) ? v : null,
        _ when typeof(T) == typeof(bool?) => value.TryConvert<bool>(out var v) ? v : null,
        _ when typeof(T) == typeof(long?) => value.TryConvert<long>(out var v) ? v : null,
        _ when typeof(T) == typeof(ulong?) => value.TryConvert<ulong>(out var v) ? v : null,
        _ when typeof(T) == typeof(byte?) => value.TryConvert<byte>(out var v) ? v : null,
        _ when typeof(T) == typeof(double?) => value.TryConvert<double>(out var v) ? v : null,
        _ when typeof(T) == typeof(float?) => value.TryConvert<float>(out var v) ? v : null,
        _ when typeof(T) == typeof(DateTimeOffset?) => value.TryConvert<DateTimeOffset>(out var v) ? v : null,
        _ => throw new NotSupportedException(typeof(T).Name),
    };
}

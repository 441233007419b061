using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gossip.Metadata;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Metadata;

public class MetadataValueTests
{
    private static readonly DateTimeOffset Moment = new(2025, 6, 1, 14, 30, 0, 125, TimeSpan.FromMinutes(-210));

    public static TheoryData<string, string> Golden => new()
    {
        { "false", "0801" },
        { "true", "0802" },
        { "0", "1000" },
        { "-1", "1001" },
        { "0u", "1800" },
        { "300u", "18ac02" },
        { "1.5", "21000000000000f83f" },
        { "é", "2a02c3a9" },
        { "", "2a00" },
        { "bytes", "32020001" },
        { "utc", "3900c0d9c28c99dd08" },
        { "offset", "39d0e2732036a1dd0840a303" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void The_bytes_of_each_kind_are_fixed(string name, string expected)
    {
        MetadataValue value = name switch
        {
            "false" => false,
            "true" => true,
            "0" => 0,
            "-1" => -1,
            "0u" => 0UL,
            "300u" => 300UL,
            "1.5" => 1.5,
            "bytes" => new byte[] { 0, 1 },
            "utc" => new DateTimeOffset(2025, 5, 23, 0, 0, 0, TimeSpan.Zero),
            "offset" => Moment,
            _ => name,
        };
        Assert.Equal(expected, Convert.ToHexStringLower(Encode(value)));
        Assert.Equal(value, Decode(Convert.FromHexString(expected)));
    }

    [Fact]
    public void Every_value_survives_the_wire() =>
        Prop.ForAll(MetadataArbitraries.Value.ToArbitrary(), value =>
        {
            var encoded = Encode(value);
            var decoded = Decode(encoded);
            return decoded == value && decoded.GetHashCode() == value.GetHashCode() && decoded.Kind == value.Kind
                && encoded.Length <= MetadataValueFormat.MaxSizeOf(value);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")] // nothing
    [InlineData("0803")] // a truth value of a third kind
    [InlineData("08021001")] // two kinds at once
    [InlineData("10014801")] // a known kind with an unknown extra
    [InlineData("7a03010203")] // field 15
    [InlineData("2a01ff")] // not UTF-8
    [InlineData("39ffffffffffffffff")] // no such moment
    [InlineData("390000000000000000408f0d")] // no such offset
    [InlineData("3900000000000000004001")] // a minute before the first day
    [InlineData("0901000000000000002000")] // wrong wire type
    public void What_is_not_understood_is_kept_byte_for_byte(string hex)
    {
        var value = Decode(Convert.FromHexString(hex));
        Assert.Equal(MetadataValueKind.Unknown, value.Kind);
        Assert.Equal(hex, Convert.ToHexStringLower(Encode(value)));
        Assert.Equal("?", value.ToString());
        Assert.False(value.TryConvert<string>(out _));
        Assert.Equal(hex.Length == 0, value == default);
    }

    [Theory]
    [InlineData("08")]
    [InlineData("2a05ff")]
    [InlineData("0f01")]
    public void Malformed_bytes_are_no_value(string hex)
    {
        Assert.False(MetadataValueFormat.IsWellFormed(Convert.FromHexString(hex)));
        Assert.False(MetadataValueFormat.TryRead(Convert.FromHexString(hex), out _));
    }

    [Fact]
    public void Clr_types_become_the_kind_that_holds_them()
    {
        Assert.All<MetadataValue>([5, (short)5, (sbyte)5, (byte)5, (ushort)5, 5u, 5L], v => Assert.Equal(5L, v));
        Assert.Equal(MetadataValueKind.UInt64, ((MetadataValue)5UL).Kind);
        Assert.Equal((MetadataValue)0.5, 0.5f);
        Assert.Equal((MetadataValue)"a", 'a');
        Assert.Equal(MetadataValueKind.Time, ((MetadataValue)Moment).Kind);
        Assert.Equal(MetadataValueKind.Bytes, ((MetadataValue)new ReadOnlyMemory<byte>([1])).Kind);
    }

    [Fact]
    public void Kind_and_content_make_equality()
    {
        Assert.NotEqual((MetadataValue)5L, 5UL);
        Assert.NotEqual((MetadataValue)5L, 5.0);
        Assert.NotEqual((MetadataValue)0.0, -0.0);
        Assert.NotEqual((MetadataValue)Moment, Moment.ToUniversalTime());
        Assert.NotEqual((MetadataValue)"", default);
        Assert.NotEqual((MetadataValue)"", Array.Empty<byte>());
        Assert.Equal((MetadataValue)double.NaN, double.NaN);
        Assert.True((MetadataValue)new byte[] { 1 } == new byte[] { 1 });
        Assert.True((MetadataValue)new byte[] { 1 } != new byte[] { 2 });
    }

    [Fact]
    public void Bytes_are_copied_on_their_way_in_and_out()
    {
        byte[] bytes = [1, 2];
        MetadataValue value = bytes;
        bytes[0] = 9;
        value.Get<byte[]>()[1] = 9;
        Assert.Equal([1, 2], value.Get<ReadOnlyMemory<byte>>().ToArray());
    }

    [Fact]
    public void Text_that_is_none_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => (MetadataValue)(string)null!);
        Assert.Throws<ArgumentNullException>(() => (MetadataValue)(byte[])null!);
        Assert.ThrowsAny<ArgumentException>(() => (MetadataValue)"half \ud83d");
    }

    [Fact]
    public void Strict_reading_narrows_only_without_loss()
    {
        MetadataValue five = 5, large = 1L << 40, negative = -1, huge = ulong.MaxValue;
        Assert.Equal(5, five.Get<int>());
        Assert.Equal((short)5, five.Get<short>());
        Assert.Equal((sbyte)5, five.Get<sbyte>());
        Assert.Equal((byte)5, five.Get<byte>());
        Assert.Equal((ushort)5, five.Get<ushort>());
        Assert.Equal(5u, five.Get<uint>());
        Assert.Equal(5UL, five.Get<ulong>());
        Assert.Equal(5L, ((MetadataValue)5UL).Get<long>());
        Assert.Equal(1L << 40, large.Get<long>());
        Assert.Equal(ulong.MaxValue, huge.Get<ulong>());
        Assert.False(large.TryGet<int>(out _));
        Assert.False(negative.TryGet<ulong>(out _));
        Assert.False(negative.TryGet<byte>(out _));
        Assert.False(huge.TryGet<long>(out _));
        Assert.Equal(0.1f, ((MetadataValue)0.1f).Get<float>());
        Assert.False(((MetadataValue)0.1).TryGet<float>(out _));
        Assert.True(float.IsNaN(((MetadataValue)double.NaN).Get<float>()));
        Assert.Equal(Moment.Offset, ((MetadataValue)Moment).Get<DateTimeOffset>().Offset);
        Assert.Equal("x", ((MetadataValue)"x").Get<string>());
        Assert.True(((MetadataValue)true).Get<bool>());
    }

    [Fact]
    public void Strict_reading_does_not_convert()
    {
        MetadataValue[] values = [true, 1, 1UL, 1.0, "1", new byte[] { 1 }, Moment, default];
        int[] readable =
        [
            values.Count(v => v.TryGet<bool>(out _)), values.Count(v => v.TryGet<int>(out _)), values.Count(v => v.TryGet<double>(out _)),
            values.Count(v => v.TryGet<float>(out _)), values.Count(v => v.TryGet<string>(out _)), values.Count(v => v.TryGet<byte[]>(out _)),
            values.Count(v => v.TryGet<ReadOnlyMemory<byte>>(out _)), values.Count(v => v.TryGet<DateTimeOffset>(out _)),
            values.Count(v => v.TryGet<Guid>(out _)), values.Count(v => v.TryGet<int?>(out _)), values.Count(v => v.TryGet<object>(out _)),
        ];
        Assert.Equal([1, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0], readable);
    }

    [Fact]
    public void A_wrong_type_is_an_error_that_names_both()
    {
        var error = Assert.Throws<MetadataTypeException>(() => ((MetadataValue)(1L << 40)).Get<int>());
        Assert.IsAssignableFrom<GossipException>(error);
        Assert.Equal(MetadataValueKind.Int64, error.Kind);
        Assert.Equal(typeof(int), error.Requested);
        Assert.Contains("1099511627776 of kind Int64 cannot be read as Int32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_value_can_be_shown()
    {
        Assert.Equal("AAE=", ((MetadataValue)new byte[] { 0, 1 }).ToString());
        Assert.Equal("2025-06-01T14:30:00.125-03:30", ((MetadataValue)Moment).ToString());
        Assert.Equal("1.5", ((MetadataValue)1.5).ToString());
    }

    [Fact]
    public void Conversions_do_not_depend_on_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        foreign.NumberFormat.NegativeSign = "~";
        foreign.DateTimeFormat.TimeSeparator = ".";
        CultureInfo.CurrentCulture = foreign;
        try
        {
            Assert.Equal("-1.5", ((MetadataValue)(-1.5)).ConvertOr(""));
            Assert.Equal("-2", ((MetadataValue)(-2)).ConvertOr(""));
            Assert.Equal(-1.5, ((MetadataValue)"-1.5").ConvertOr(0.0));
            Assert.Equal(Moment, ((MetadataValue)"2025-06-01T14:30:00.125-03:30").ConvertOr(default(DateTimeOffset)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    internal static byte[] Encode(MetadataValue value)
    {
        var writer = new WireWriter(new byte[MetadataValueFormat.MaxSizeOf(value)]);
        MetadataValueFormat.Write(ref writer, value);
        Assert.False(writer.Overflowed);
        return writer.Written.ToArray();
    }

    private static MetadataValue Decode(byte[] encoded)
    {
        Assert.True(MetadataValueFormat.TryRead(encoded, out var value));
        return value;
    }
}

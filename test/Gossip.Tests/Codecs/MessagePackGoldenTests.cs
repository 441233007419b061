using System.Globalization;
using Gossip.Codecs;
using Xunit;
using static Gossip.Tests.Codecs.MessagePackBytes;

namespace Gossip.Tests.Codecs;

/// <summary>The bytes of every type of the specification, at the boundaries of its forms.</summary>
public sealed class MessagePackGoldenTests
{
    /// <summary>A number, its shortest form, and all longer ones that a writer may choose as well.</summary>
    [Theory]
    [InlineData("0", "00", "cc00 cd0000 ce00000000 cf0000000000000000 d000 d10000 d200000000 d30000000000000000")]
    [InlineData("1", "01", "cc01 d001")]
    [InlineData("127", "7f", "cc7f d07f d1007f")]
    [InlineData("128", "cc80", "cd0080 d10080")]
    [InlineData("255", "ccff", "cd00ff d100ff")]
    [InlineData("256", "cd0100", "ce00000100 d10100")]
    [InlineData("32767", "cd7fff", "d17fff")]
    [InlineData("65535", "cdffff", "ce0000ffff d20000ffff")]
    [InlineData("65536", "ce00010000", "cf0000000000010000 d200010000")]
    [InlineData("2147483647", "ce7fffffff", "d27fffffff")]
    [InlineData("4294967295", "ceffffffff", "d300000000ffffffff")]
    [InlineData("4294967296", "cf0000000100000000", "d30000000100000000")]
    [InlineData("9223372036854775807", "cf7fffffffffffffff", "d37fffffffffffffff")]
    [InlineData("-1", "ff", "d0ff d1ffff d2ffffffff d3ffffffffffffffff")]
    [InlineData("-32", "e0", "d0e0")]
    [InlineData("-33", "d0df", "d1ffdf")]
    [InlineData("-128", "d080", "d1ff80")]
    [InlineData("-129", "d1ff7f", "d2ffffff7f")]
    [InlineData("-32768", "d18000", "d2ffff8000")]
    [InlineData("-32769", "d2ffff7fff", "d3ffffffffffff7fff")]
    [InlineData("-2147483648", "d280000000", "d3ffffffff80000000")]
    [InlineData("-2147483649", "d3ffffffff7fffffff", "")]
    [InlineData("-9223372036854775808", "d38000000000000000", "")]
    public void Whole_numbers(string text, string shortest, string others)
    {
        var value = long.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(shortest, Hex(Write(static (ref MessagePackWriter writer, long number) => writer.WriteInteger(number), value)));
        foreach (var form in (string[])[shortest, .. others.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            Assert.Equal(value, Read(Convert.FromHexString(form), static (ref MessagePackReader reader) => reader.ReadInteger<long>()));
            Assert.Equal((double)value, Read(Convert.FromHexString(form), static (ref MessagePackReader reader) => reader.ReadDouble()));
            Passes(form, MessagePackType.Integer);
        }
    }

    [Fact]
    public void The_largest_number()
    {
        Assert.Equal("cfffffffffffffffff", Hex(Write(static (ref MessagePackWriter writer, ulong number) => writer.WriteInteger(number), ulong.MaxValue)));
        Assert.Equal(ulong.MaxValue, Read(Convert.FromHexString("cfffffffffffffffff"), static (ref MessagePackReader reader) => reader.ReadInteger<ulong>()));
        Assert.Equal((double)ulong.MaxValue, Read(Convert.FromHexString("cfffffffffffffffff"), static (ref MessagePackReader reader) => reader.ReadDouble()));
    }

    [Fact]
    public void Nil_and_booleans()
    {
        Assert.Equal("c0", Hex(Write(static (ref MessagePackWriter writer, int _) => writer.WriteNil(), 0)));
        Assert.Equal("c2", Hex(Write(static (ref MessagePackWriter writer, bool value) => writer.WriteBoolean(value), false)));
        Assert.Equal("c3", Hex(Write(static (ref MessagePackWriter writer, bool value) => writer.WriteBoolean(value), true)));
        Assert.True(Read([0xc0], static (ref MessagePackReader reader) => reader.TryReadNil()));
        Assert.False(Read([0xc2], static (ref MessagePackReader reader) => reader.ReadBoolean()));
        Assert.True(Read([0xc3], static (ref MessagePackReader reader) => !reader.TryReadNil() && reader.ReadBoolean()));
        Passes("c0", MessagePackType.Nil);
        Passes("c3", MessagePackType.Boolean);
    }

    [Theory]
    [InlineData(0.0, "ca00000000", "cb0000000000000000")]
    [InlineData(1.5, "ca3fc00000", "cb3ff8000000000000")]
    [InlineData(-2.0, "cac0000000", "cbc000000000000000")]
    [InlineData(double.PositiveInfinity, "ca7f800000", "cb7ff0000000000000")]
    [InlineData(double.NegativeInfinity, "caff800000", "cbfff0000000000000")]
    [InlineData(double.NaN, "caffc00000", "cbfff8000000000000")]
    public void Floating_point_numbers(double value, string of32, string of64)
    {
        Assert.Equal(of32, Hex(Write(static (ref MessagePackWriter writer, float number) => writer.WriteSingle(number), (float)value)));
        Assert.Equal(of64, Hex(Write(static (ref MessagePackWriter writer, double number) => writer.WriteDouble(number), value)));
        foreach (var form in (string[])[of32, of64])
        {
            Assert.Equal(value, Read(Convert.FromHexString(form), static (ref MessagePackReader reader) => reader.ReadDouble()));
            Assert.Equal((float)value, Read(Convert.FromHexString(form), static (ref MessagePackReader reader) => reader.ReadSingle()));
            Passes(form, MessagePackType.Float);
        }
    }

    [Theory]
    [InlineData(0, "a0")]
    [InlineData(1, "a1")]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65535, "daffff")]
    [InlineData(65536, "db00010000")]
    public void Text(int size, string head)
    {
        var value = new string('x', size);
        var bytes = Write(static (ref MessagePackWriter writer, string text) => writer.WriteString(text), value);
        Assert.Equal(head + string.Concat(Enumerable.Repeat("78", size)), Hex(bytes));
        Assert.Equal(bytes, Write(static (ref MessagePackWriter writer, byte[] text) => writer.WriteUtf8(text), bytes[(head.Length / 2)..]));
        Assert.Equal(value, Read(bytes, static (ref MessagePackReader reader) => reader.ReadString()));
        Assert.Equal(size, Read(bytes, static (ref MessagePackReader reader) => reader.ReadBinary().Length)); // early versions of the format have no other bytes
        Passes(Hex(bytes), MessagePackType.String);
    }

    [Theory]
    [InlineData("d90161", "a")]
    [InlineData("da000161", "a")]
    [InlineData("db0000000161", "a")]
    [InlineData("a6e282acc3bc31", "€ü1")]
    [InlineData("a4f09f9880", "😀")]
    public void Text_in_other_forms(string form, string value) =>
        Assert.Equal(value, Read(Convert.FromHexString(form), static (ref MessagePackReader reader) => reader.ReadString()));

    [Theory]
    [InlineData(0, "c400")]
    [InlineData(1, "c401")]
    [InlineData(255, "c4ff")]
    [InlineData(256, "c50100")]
    [InlineData(65535, "c5ffff")]
    [InlineData(65536, "c600010000")]
    public void Bytes(int size, string head)
    {
        var value = Enumerable.Repeat((byte)0x5a, size).ToArray();
        var bytes = Write(static (ref MessagePackWriter writer, byte[] content) => writer.WriteBinary(content), value);
        Assert.Equal(head + string.Concat(Enumerable.Repeat("5a", size)), Hex(bytes));
        Assert.Equal(value, Read(bytes, static (ref MessagePackReader reader) => reader.ReadBinary().ToArray()));
        Passes(Hex(bytes), MessagePackType.Binary);
    }

    [Theory]
    [InlineData(0, "90", "80")]
    [InlineData(1, "91", "81")]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65535, "dcffff", "deffff")]
    [InlineData(65536, "dd00010000", "df00010000")]
    public void Arrays_and_maps(int count, string array, string map)
    {
        Assert.Equal(array, Hex(Write(static (ref MessagePackWriter writer, int number) => writer.WriteArrayHeader(number), count)));
        Assert.Equal(map, Hex(Write(static (ref MessagePackWriter writer, int number) => writer.WriteMapHeader(number), count)));
        var values = array + string.Concat(Enumerable.Repeat("c0", count));
        var pairs = map + string.Concat(Enumerable.Repeat("01c0", count));
        Passes(values, MessagePackType.Array);
        Passes(pairs, MessagePackType.Map);
        var arrayReader = new MessagePackReader(Convert.FromHexString(values));
        Assert.Equal(count, arrayReader.ReadArrayHeader());
        var mapReader = new MessagePackReader(Convert.FromHexString(pairs));
        Assert.Equal(count, mapReader.ReadMapHeader());
    }

    [Theory]
    [InlineData(0, "c70005")]
    [InlineData(1, "d405")]
    [InlineData(2, "d505")]
    [InlineData(3, "c70305")]
    [InlineData(4, "d605")]
    [InlineData(8, "d705")]
    [InlineData(16, "d805")]
    [InlineData(17, "c71105")]
    [InlineData(255, "c7ff05")]
    [InlineData(256, "c8010005")]
    [InlineData(65535, "c8ffff05")]
    [InlineData(65536, "c90001000005")]
    public void Extensions(int size, string head)
    {
        var value = Enumerable.Repeat((byte)0xa5, size).ToArray();
        var bytes = Write(static (ref MessagePackWriter writer, byte[] content) => writer.WriteExtension(5, content), value);
        Assert.Equal(head + string.Concat(Enumerable.Repeat("a5", size)), Hex(bytes));
        var reader = new MessagePackReader(bytes);
        Assert.Equal(value, reader.ReadExtension(out var type).ToArray());
        Assert.Equal(5, type);
        Passes(Hex(bytes), MessagePackType.Extension);
    }

    [Theory]
    [InlineData(0L, 0u, "d6ff00000000")]
    [InlineData(4294967295L, 0u, "d6ffffffffff")]
    [InlineData(4294967296L, 0u, "d7ff0000000100000000")]
    [InlineData(0L, 1u, "d7ff0000000400000000")]
    [InlineData(17179869183L, 999_999_999u, "d7ffee6b27ffffffffff")]
    [InlineData(17179869184L, 0u, "c70cff000000000000000400000000")]
    [InlineData(-1L, 999_999_999u, "c70cff3b9ac9ffffffffffffffffff")]
    [InlineData(long.MinValue, 0u, "c70cff000000008000000000000000")]
    [InlineData(long.MaxValue, 0u, "c70cff000000007fffffffffffffff")]
    public void Moments(long seconds, uint nanoseconds, string expected)
    {
        Assert.Equal(expected, Hex(Write(static (ref MessagePackWriter writer, (long, uint) moment) => writer.WriteTimestamp(moment.Item1, moment.Item2), (seconds, nanoseconds))));
        Assert.Equal((seconds, nanoseconds), Read(Convert.FromHexString(expected), static (ref MessagePackReader reader) => reader.ReadTimestamp()));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00.0000000Z")]
    [InlineData("1969-12-31T23:59:59.9999999Z")]
    [InlineData("1970-01-01T00:00:00.0000000Z")]
    [InlineData("2026-07-30T12:34:56.7890123Z")]
    [InlineData("2106-02-07T06:28:16.0000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z")]
    public void Dates(string text)
    {
        var value = DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        var read = Read(Write(static (ref MessagePackWriter writer, DateTime moment) => writer.WriteTimestamp(moment), value), static (ref MessagePackReader reader) => reader.ReadDateTime());
        Assert.Equal((value, DateTimeKind.Utc), (read, read.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c1")] // never used
    [InlineData("cc")]
    [InlineData("cd00")]
    [InlineData("ca000000")]
    [InlineData("cb00000000000000")]
    [InlineData("a2ff")]
    [InlineData("dbffffffff61")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff01")]
    [InlineData("d4")]
    [InlineData("d405")]
    [InlineData("93c0c0")]
    [InlineData("ddffffffffc0")]
    [InlineData("82c0c0c0")]
    [InlineData("df7fffffffc0c0")]
    [InlineData("9191919191")]
    public void Broken_values_are_one_typed_error(string hex)
    {
        Assert.Throws<PayloadException>(() => Skip(Convert.FromHexString(hex)));
        Assert.Throws<PayloadException>(() => MessagePackCodec.Default.Deserialize<object>(Convert.FromHexString(hex)));
    }

    /// <summary>Refused with the header already, for converters that size what they make by it.</summary>
    [Theory]
    [InlineData("93c0c0")]
    [InlineData("dc0002c0")]
    [InlineData("ddffffffffc0")]
    [InlineData("82c0c0c0")]
    [InlineData("de0001c0")]
    [InlineData("df7fffffffc0c0")]
    public void A_count_that_the_bytes_do_not_bear_out_is_refused_at_once(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var isArray = new MessagePackReader(bytes).NextType == MessagePackType.Array;
        Assert.Contains("announced", Assert.Throws<PayloadException>(() => Read<int>(bytes, isArray
            ? static (ref MessagePackReader reader) => reader.ReadArrayHeader()
            : static (ref MessagePackReader reader) => reader.ReadMapHeader())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_says_where_and_why()
    {
        Assert.Contains("System.Byte", Fails("cd0100", static (ref MessagePackReader reader) => reader.ReadInteger<byte>()), StringComparison.Ordinal);
        Assert.Contains("System.UInt64", Fails("ff", static (ref MessagePackReader reader) => reader.ReadInteger<ulong>()), StringComparison.Ordinal);
        Assert.Contains("String stands where Integer should", Fails("a161", static (ref MessagePackReader reader) => reader.ReadInteger<int>()), StringComparison.Ordinal);
        Assert.Contains("UTF-8", Fails("a1ff", static (ref MessagePackReader reader) => reader.ReadString()), StringComparison.Ordinal);
        Assert.Contains("no moment", Fails("d7ffee6b280000000000", static (ref MessagePackReader reader) => reader.ReadTimestamp()), StringComparison.Ordinal); // a thousand million nanoseconds
        Assert.Contains("no moment", Fails("d60500000000", static (ref MessagePackReader reader) => reader.ReadTimestamp()), StringComparison.Ordinal); // another extension
        Assert.Contains("9999", Fails("c70cff000000007fffffffffffffff", static (ref MessagePackReader reader) => reader.ReadDateTime()), StringComparison.Ordinal);
        Assert.Throws<PayloadException>(() => Write(static (ref MessagePackWriter writer, string text) => writer.WriteString(text), "\ud800"));

        static string Fails<T>(string hex, ScalarReader<T> read) => Assert.Throws<PayloadException>(() => Read(Convert.FromHexString(hex), read)).Message;
    }

    private static void Passes(string hex, MessagePackType type)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(bytes.Length, Skip(bytes));
        Assert.Equal(type, new MessagePackReader(bytes).NextType);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}

using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

public class WireWriterTests
{
    private const int Field = 1;
    private const int KeySize = 1;

    /// <summary>Sizes at which the length of a nested message takes one more byte, and their neighbours.</summary>
    public static TheoryData<int> BodySizes => [0, 1, 126, 127, 128, 129, 16382, 16383, 16384, 16385, 2097151, 2097152];

    [Theory]
    [MemberData(nameof(BodySizes))]
    public void A_nested_message_gets_its_length_whatever_its_size(int size)
    {
        var body = Enumerable.Range(0, size).Select(i => (byte)i).ToArray();
        var writer = new WireWriter(new byte[size + 10]);
        var mark = writer.Begin(Field);
        writer.Raw(body);
        writer.End(mark);
        writer.Number(Field, 7);

        Assert.False(writer.Overflowed);
        var reader = new WireReader(writer.Written);
        Assert.True(reader.Next());
        Assert.True(reader.Bytes.SequenceEqual(body));
        Assert.True(reader.Next());
        Assert.Equal(7UL, reader.Number);
        Assert.False(reader.Next());
    }

    [Theory]
    [MemberData(nameof(BodySizes))]
    public void A_nested_message_that_fills_the_buffer_to_the_last_byte_fits_and_one_byte_less_overflows(int size)
    {
        var needed = KeySize + WireWriter.SizeOfVarint((ulong)size) + size;

        Assert.False(Nest(new byte[needed], size));
        Assert.True(Nest(new byte[needed - 1], size));

        static bool Nest(byte[] buffer, int size)
        {
            var writer = new WireWriter(buffer);
            var mark = writer.Begin(Field);
            writer.Raw(new byte[size]);
            writer.End(mark);
            return writer.Overflowed;
        }
    }

    [Fact]
    public void Nothing_is_written_after_an_overflow_even_if_it_would_fit()
    {
        var writer = new WireWriter(new byte[4]);
        writer.Bytes(Field, new byte[5]);
        var position = writer.Position;
        writer.Number(Field, 1);

        Assert.True(writer.Overflowed);
        Assert.Equal(position, writer.Position);
    }

    [Fact]
    public void Rollback_forgets_what_did_not_fit_and_keeps_what_came_before()
    {
        var writer = new WireWriter(new byte[8]);
        writer.Number(Field, 1);
        var position = writer.Position;
        writer.Bytes(Field, new byte[100]);
        writer.Rollback(position);
        writer.Number(2, 2);

        Assert.False(writer.Overflowed);
        Assert.Equal("08011002", Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void What_is_held_back_is_free_again_afterwards()
    {
        var writer = new WireWriter(new byte[4]);
        writer.Hold(2);
        Assert.Equal(2, writer.Remaining);
        writer.Raw([1, 2]);
        writer.Raw([3]);
        Assert.True(writer.Overflowed);

        writer.Rollback(2);
        writer.Hold(-2);
        writer.Raw([3, 4]);
        Assert.False(writer.Overflowed);
        Assert.Equal("01020304", Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void Zero_and_false_are_left_out()
    {
        var writer = new WireWriter(new byte[16]);
        writer.Number(Field, 0);
        writer.Flag(Field, false);

        Assert.Equal(0, writer.Position);
    }

    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(1UL, "01")]
    [InlineData(127UL, "7f")]
    [InlineData(128UL, "8001")]
    [InlineData(300UL, "ac02")]
    [InlineData(16383UL, "ff7f")]
    [InlineData(16384UL, "808001")]
    [InlineData(0x7fff_ffff_ffff_ffffUL, "ffffffffffffffff7f")]
    [InlineData(0x8000_0000_0000_0000UL, "80808080808080808001")]
    [InlineData(ulong.MaxValue, "ffffffffffffffffff01")]
    public void Varints_take_seven_bits_a_byte(ulong value, string hex)
    {
        var writer = new WireWriter(new byte[16]);
        writer.Varint(value);

        Assert.Equal(hex, Convert.ToHexStringLower(writer.Written));
        Assert.Equal(hex.Length / 2, WireWriter.SizeOfVarint(value));
    }

    [Fact]
    public void The_size_of_a_varint_is_right_at_every_power_of_two()
    {
        for (var bit = 0; bit < 64; bit++)
        {
            foreach (var value in new[] { (1UL << bit) - 1, 1UL << bit, (1UL << bit) + 1 })
            {
                var writer = new WireWriter(new byte[16]);
                writer.Varint(value);
                Assert.Equal(writer.Position, WireWriter.SizeOfVarint(value));
            }
        }
    }
}

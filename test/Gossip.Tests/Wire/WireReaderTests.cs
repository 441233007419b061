using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

public class WireReaderTests
{
    [Theory]
    [InlineData("08 80 00", 0UL)]
    [InlineData("08 81 80 80 00", 1UL)]
    [InlineData("08 80 80 80 80 80 80 80 80 80 00", 0UL)]
    [InlineData("88 00 05", 5UL)]
    [InlineData("08 ff ff ff ff ff ff ff ff ff 01", ulong.MaxValue)]
    public void Varints_longer_than_necessary_are_accepted(string hex, ulong expected)
    {
        var reader = new WireReader(Bytes(hex));

        Assert.True(reader.Next());
        Assert.Equal(1, reader.Field);
        Assert.Equal(expected, reader.Number);
        Assert.False(reader.Next());
        Assert.False(reader.Malformed);
    }

    [Theory]
    [InlineData("08", "no value")]
    [InlineData("08 80", "a varint that does not end")]
    [InlineData("08 ff ff ff ff ff ff ff ff ff 02", "a varint of more than 64 bits")]
    [InlineData("08 80 80 80 80 80 80 80 80 80 80 00", "a varint of eleven bytes")]
    [InlineData("00 01", "field zero")]
    [InlineData("80 80 80 80 10 01", "a field number above 2^29 - 1")]
    [InlineData("09 01 02 03 04 05 06 07", "seven bytes of eight")]
    [InlineData("0d 01 02 03", "three bytes of four")]
    [InlineData("0a 02 01", "fewer bytes than announced")]
    [InlineData("0a ff ff ff ff ff ff ff ff ff 01", "a length that is negative as an int")]
    [InlineData("0a 80 80 80 80 10", "a length of more than 32 bits")]
    [InlineData("0b", "a group")]
    [InlineData("0c", "the end of a group")]
    [InlineData("0e 00", "wire type 6")]
    [InlineData("0f 00", "wire type 7")]
    public void Malformed_fields_end_the_walk(string hex, string reason)
    {
        var reader = new WireReader(Bytes("10 01 " + hex));

        Assert.True(reader.Next());
        Assert.False(reader.Next(), reason);
        Assert.True(reader.Malformed, reason);
        Assert.False(reader.Next(), reason);
    }

    [Fact]
    public void The_highest_field_number_is_read()
    {
        var reader = new WireReader(Bytes("f8 ff ff ff 0f 01"));

        Assert.True(reader.Next());
        Assert.Equal(WireField.MaxNumber, reader.Field);
    }

    [Fact]
    public void Numbers_are_read_from_every_numeric_wire_type()
    {
        var reader = new WireReader(Bytes("08 07  0d 07000000  09 0700000000000000"));
        for (var i = 0; i < 3; i++)
        {
            Assert.True(reader.Next());
            var number = 0;
            reader.Read(ref number);
            Assert.Equal(7, number);
        }

        Assert.False(reader.Malformed);
    }

    [Theory]
    [InlineData("0a 01 05", Expectation.Number)]
    [InlineData("08 80 80 80 80 08", Expectation.SmallNumber)]
    [InlineData("0a 01 01", Expectation.Flag)]
    [InlineData("0a 0f 000102030405060708090a0b0c0d0e", Expectation.Id)]
    [InlineData("08 01", Expectation.Id)]
    [InlineData("0a 05 0a00000100", Expectation.Endpoint)]
    [InlineData("0a 06 0a0000010000", Expectation.Endpoint)]
    [InlineData("0a 06 000000002cf7", Expectation.Endpoint)]
    [InlineData("08 01", Expectation.Bytes)]
    [InlineData("0a 05 6162636465", Expectation.ShortText)]
    public void A_value_of_the_wrong_form_is_malformed_and_changes_nothing(string hex, Expectation expectation)
    {
        var reader = new WireReader(Bytes(hex));
        Assert.True(reader.Next());
        ulong number = 3;
        var small = 3;
        var flag = true;
        var id = new NodeId(3);
        var endpoint = new NodeEndpoint(3, 3);
        ReadOnlySpan<byte> bytes = [3];
        var text = "3";
        switch (expectation)
        {
            case Expectation.Number: reader.Read(ref number); break;
            case Expectation.SmallNumber: reader.Read(ref small); break;
            case Expectation.Flag: reader.Read(ref flag); break;
            case Expectation.Id: reader.Read(ref id); break;
            case Expectation.Endpoint: reader.Read(ref endpoint); break;
            case Expectation.Bytes: reader.Read(ref bytes); break;
            default: reader.Read(ref text, maxBytes: 4); break;
        }

        Assert.True(reader.Malformed);
        Assert.Equal((3UL, 3, true, new NodeId(3), new NodeEndpoint(3, 3), "3"), (number, small, flag, id, endpoint, text));
        Assert.Equal("03", Convert.ToHexString(bytes));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>What a reader takes a field for.</summary>
    public enum Expectation
    {
        Number,
        SmallNumber,
        Flag,
        Id,
        Endpoint,
        Bytes,
        ShortText,
    }
}

using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>The bytes of every control message, pinned: a change of them is a new wire version.</summary>
public class ControlMessageGoldenTests
{
    private const string HeaderOfA = "67 01 00 00 e7dcba08417ef8c2 000102030405060708090a0b0c0d0e0f 0000000000001122";

    public static TheoryData<string, string> Bodies => new()
    {
        { "Ping", "0a17 0805 1210101112131415161718191a1b1c1d1e1f 18c466 2a21 0a10000102030405060708090a0b0c0d0e0f 10a222 1802 2001 2a060a0000012cf7" },
        { "Ack", "1203 08ac02" },
        { "PingRequest", "1a2e 0805 1210202122232425262728292a2b2c2d2e2f 18e6aa01 221220010db80000000000000000000000022cf7 2801" },
        { "Nack", "2202 0805" },
        {
            "Member",
            "2a4e 0a10101112131415161718191a1b1c1d1e1f 10c466 1804 2004 2a1220010db80000000000000000000000022cf7 3001 "
            + "3a10000102030405060708090a0b0c0d0e0f 4100a00f0000000000 4801 503c"
        },
        {
            "Facts",
            "3277 0a10000102030405060708090a0b0c0d0e0f 10a222 190000000000000000 2103a00f0000000000 290000000000000000 3214 "
            + "0801 1203776562 1900a00f0000000000 2202 0802 321a 0802 12047a6f6e65 1902a00f0000000000 2207 2a056e6f727468 3213 "
            + "0802 1206776569676874 1903a00f0000000000"
        },
        { "Broadcast", "3a1d 0a10000102030405060708090a0b0c0d0e0f 10a222 1801 22046e657773" },
        {
            "JoinRequest",
            "4235 0807 1001 1801 2203312e30 2a28 0a10000102030405060708090a0b0c0d0e0f 10a222 2001 2a060a0000012cf7 "
            + "4100a00f0000000000"
        },
        { "JoinReply", "4a2c 0807 1001 1801 2203312e30 2a1f 0a10000102030405060708090a0b0c0d0e0f 10a222 2001 2a060a0000012cf7" },
        { "SyncDigest", "520a 0a085b75036df7ea8bc2" },
        { "SyncVersions", "5a27 1a20 0a10000102030405060708090a0b0c0d0e0f 10a222 2001 2900a00f0000000000 0801 120101" },
        { "SyncWant", "6217 1a15 0a10101112131415161718191a1b1c1d1e1f 10c466" },
        { "BroadcastDigest", "6a1e 0a1a 0a10000102030405060708090a0b0c0d0e0f 10a222 1801 220101 1001" },
        { "BroadcastOffer", "721d 0a10000102030405060708090a0b0c0d0e0f 10a222 1801 220101 2a0101" },
        { "BroadcastWant", "7a1c 0a1a 0a10101112131415161718191a1b1c1d1e1f 10c466 1801 220101" },
        { "BroadcastCopy", "82012208a006121d 0a10000102030405060708090a0b0c0d0e0f 10a222 1801 22046e657773" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Bytes_are_as_ever(string name, string body)
    {
        var packet = GoldenPackets.Of(name);

        Assert.Equal(Hex(body), Convert.ToHexStringLower(packet.AsSpan(PacketHeader.Size)));
    }

    [Fact]
    public void Every_kind_of_control_message_is_pinned()
    {
        Assert.Equal(GoldenPackets.Control.Select(packet => packet.Name), Bodies.Select(row => row.Data.Item1));
    }

    [Fact]
    public void The_header_is_as_ever() =>
        Assert.Equal(Hex(HeaderOfA), Convert.ToHexStringLower(GoldenPackets.Ping().AsSpan(0, PacketHeader.Size)));

    private static string Hex(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}

using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>A newer version adds fields and kinds: an older reader must not notice.</summary>
public class ControlMessageEvolutionTests
{
    private const int NewNumber = 1000;
    private const int NewBytes = 1001;
    private const int NewFixed = 1002;
    private const int NewKind = 99;

    /// <summary>
    /// Which fields of a message hold messages, by number. Metadata values are left out on purpose: a value with more fields is a
    /// value of a newer version, and not the same.
    /// </summary>
    private static readonly HashSet<(MessageKind, int)> Nested =
    [
        (MessageKind.Facts, 6),
        (MessageKind.JoinRequest, 5),
        (MessageKind.JoinReply, 5),
        (MessageKind.SyncVersions, 3),
        (MessageKind.SyncWant, 3),
        (MessageKind.BroadcastDigest, 1),
        (MessageKind.BroadcastWant, 1),
        (MessageKind.BroadcastCopy, 2),
    ];

    public static TheoryData<string> Names => GoldenPackets.ControlNames;

    /// <summary>All but those that presuppose a question of the receiver, or something that it keeps.</summary>
    public static TheoryData<string> Unasked =>
        [.. GoldenPackets.ControlNames.Select(row => row.Data).Except([nameof(MessageKind.Ack), nameof(MessageKind.Nack), nameof(MessageKind.JoinReply), nameof(MessageKind.BroadcastWant)])];

    /// <summary>Otherwise the other tests here would compare nothing with nothing.</summary>
    [Theory]
    [MemberData(nameof(Unasked))]
    public void Every_message_has_an_effect_on_its_receiver(string name) =>
        Assert.NotEqual(Reaction.ToNothing(stream: true), Reaction.To(GoldenPackets.Of(name), stream: true));

    [Theory]
    [MemberData(nameof(Names))]
    public void Unknown_fields_are_skipped_at_every_level(string name)
    {
        var packet = GoldenPackets.Of(name);
        var extended = TestPacket.Of(GoldenPackets.A, (ref WireWriter writer) => Extend(ref writer, packet), GoldenPackets.Cluster);

        Assert.True(extended.Length > packet.Length);
        foreach (var stream in new[] { false, true })
        {
            Assert.Equal(Reaction.To(packet, stream), Reaction.To(extended, stream, out var engine));
            Assert.Equal(0, engine.PacketsRefused);
        }
    }

    [Fact]
    public void Unknown_kinds_are_skipped()
    {
        var packet = TestPacket.Of(
            GoldenPackets.A,
            (ref WireWriter writer) =>
            {
                writer.Bytes(NewKind, "anything"u8);
                writer.Number(NewKind, 1);
                writer.Raw(GoldenPackets.Ping().AsSpan(PacketHeader.Size));
            },
            GoldenPackets.Cluster);

        Assert.Equal(Reaction.To(GoldenPackets.Ping(), stream: false), Reaction.To(packet, stream: false));
    }

    private static void Extend(ref WireWriter writer, ReadOnlySpan<byte> packet)
    {
        AddUnknown(ref writer);
        foreach (var (kind, body, _) in TestPacket.Messages(packet))
        {
            var mark = writer.Begin((int)kind);
            CopyExtended(ref writer, body, field => Nested.Contains((kind, field)));
            writer.End(mark);
        }

        AddUnknown(ref writer);
    }

    private static void CopyExtended(ref WireWriter writer, ReadOnlySpan<byte> body, Func<int, bool> isNested)
    {
        AddUnknown(ref writer);
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Type)
            {
                case WireType.Varint:
                    writer.Number(reader.Field, reader.Number);
                    break;
                case WireType.Fixed64:
                    writer.Fixed64(reader.Field, reader.Number);
                    break;
                default:
                    var mark = writer.Begin(reader.Field);
                    if (isNested(reader.Field))
                    {
                        CopyExtended(ref writer, reader.Bytes, static _ => false);
                    }
                    else
                    {
                        writer.Raw(reader.Bytes);
                    }

                    writer.End(mark);
                    break;
            }
        }

        AddUnknown(ref writer);
    }

    private static void AddUnknown(ref WireWriter writer)
    {
        writer.Number(NewNumber, ulong.MaxValue);
        writer.Bytes(NewBytes, "new"u8);
        writer.Fixed64(NewFixed, 1);
    }
}

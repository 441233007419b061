using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>Packets that end too early.</summary>
public class TruncationTests
{
    public static TheoryData<string> Names => GoldenPackets.ControlNames;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_packet_cut_at_any_length_is_refused_but_for_the_messages_before_the_cut(string name)
    {
        var packet = GoldenPackets.Of(name);
        var ends = TestPacket.Messages(packet).Select(message => message.End).Prepend(PacketHeader.Size).ToList();
        Assert.Equal(packet.Length, ends[^1]);
        for (var length = 0; length < packet.Length; length++)
        {
            var whole = length < PacketHeader.Size ? PacketHeader.Size : ends.FindLast(end => end <= length);

            Assert.Equal(Reaction.To(packet[..whole], stream: true), Reaction.To(packet[..length], stream: true, out var engine));
            Assert.Equal(length == whole ? 0 : 1, engine.PacketsRefused);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_cut_at_any_length_inside_a_whole_packet_leaves_the_next_one_alone(string name)
    {
        var expected = Reaction.To(GoldenPackets.Ping(), stream: true).Split('\n')[^3];
        var packet = GoldenPackets.Of(name);
        var (kind, body, _) = TestPacket.Messages(packet)[0];
        for (var length = 0; length < body.Length; length++)
        {
            var cut = TestPacket.Of(
                GoldenPackets.A,
                (ref WireWriter writer) =>
                {
                    writer.Bytes((int)kind, body.AsSpan(0, length));
                    writer.Raw(GoldenPackets.Ping().AsSpan(PacketHeader.Size));
                },
                GoldenPackets.Cluster);

            var reaction = Reaction.To(cut, stream: true, out var engine);
            Assert.Contains(expected, reaction, StringComparison.Ordinal);
            Assert.Equal(0, engine.PacketsRefused);
            Assert.Equal(GoldenPackets.B, engine.Table.Local.Instance);
            Assert.Equal(MemberState.Alive, engine.Table.Local.State);
        }
    }
}

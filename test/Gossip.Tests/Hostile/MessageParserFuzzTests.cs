using System.Text;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Messaging;
using Gossip.Metadata;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Each parser alone, under mutated inputs of its own kind.</summary>
public sealed class MessageParserFuzzTests
{
    /// <summary>Each text of a few bytes becomes a string of UTF-16; bytes that are no UTF-8 take a decoder's replacements besides.</summary>
    private const int TextFactor = 16;
    private const int StringOverhead = 256;

    private static readonly PartStore NoParts = new(PartFormat.PartSize, PartFormat.PartSize, TimeProvider.System);

    /// <summary>A URL is taken apart by the platform, which makes several strings and objects of it.</summary>
    private const int WebAddressOverhead = 2 * 1024;
    private const int WebAddressFactor = 32;

    /// <summary>A set of facts keeps each as an object with a key, an encoded value and a place in a table and a tree.</summary>
    private const int FactFactor = 64;
    private const int FactSetOverhead = 4 * 1024;

    private static readonly (string Name, byte[] Bytes)[] Packets = [.. GoldenPackets.Control, .. GoldenPackets.Data];

    [Fact]
    public void Packet_headers() => Fuzz.Run("packet header", [.. Packets.Select(packet => packet.Bytes)], 0, 0, input =>
    {
        if (PacketHeader.TryRead(input, out var header))
        {
            Span<byte> again = stackalloc byte[PacketHeader.Size];
            header.Write(again);
            Assert.True(input[..PacketHeader.Size].SequenceEqual(again));
        }
    });

    [Fact]
    public void Probes() => Fuzz.Run(
        "probe",
        Bodies(MessageKind.Ping, MessageKind.Ack, MessageKind.PingRequest, MessageKind.Nack),
        0,
        0,
        static input => ProbeMessage.TryRead(input, out _));

    [Fact]
    public void Statements() => Fuzz.Run("statement", Bodies(MessageKind.Member), 0, 0, static input =>
    {
        if (MemberStatement.TryRead(input, out var statement))
        {
            Assert.True(statement.State is >= MemberState.Joining and <= MemberState.Left);
            Assert.False(statement.Subject.Id.IsNone);
            Assert.False(statement.Endpoint.IsNone);
        }
    });

    [Fact]
    public void Join_messages() => Fuzz.Run(
        "join message", Bodies(MessageKind.JoinRequest, MessageKind.JoinReply), StringOverhead, TextFactor, static input =>
        {
            if (JoinMessage.TryRead(input, out var message) && message.TryReadStatement(GoldenPackets.A, out var statement))
            {
                Assert.True(statement.Subject == GoldenPackets.A);
            }
        });

    [Fact]
    public void Facts() => Fuzz.Run("facts", Bodies(MessageKind.Facts), FactSetOverhead, FactFactor, static input =>
    {
        if (FactsDelta.TryRead(input, out var delta))
        {
            var facts = new FactSet(new FactLimits());
            var outcome = facts.Apply(delta);
            Assert.True(facts.SizeInBytes <= new FactLimits().MaxBytes * FactLimits.ReplicaHeadroom);
            Assert.True(outcome == FactsOutcome.Applied || facts.Count <= delta.Count);
        }
    });

    [Fact]
    public void Fact_entries_and_values() => Fuzz.Run(
        "fact entry", [.. Bodies(MessageKind.Facts).Select(body => body[^20..]), .. FactValues()], StringOverhead, TextFactor, static input =>
        {
            FactEntry.TryRead(input, out _);
            MetadataValueFormat.TryRead(input, out _);
        });

    [Fact]
    public void Comparison_entries_and_digests() => Fuzz.Run(
        "comparison", Bodies(MessageKind.SyncDigest, MessageKind.SyncVersions, MessageKind.SyncWant), 0, 0, static input =>
        {
            Span<ulong> buckets = stackalloc ulong[ViewDigest.MaxBuckets];
            ViewDigest.TryRead(input, buckets, out var count);
            Assert.True(count is >= 0 and <= ViewDigest.MaxBuckets);
            SyncEntry.TryRead(input, out _);
            var reader = new WireReader(input);
            while (reader.Next())
            {
                SyncEntry.TryRead(reader.Bytes, out _);
            }
        });

    [Fact]
    public void Envelopes() => Fuzz.Run(
        "envelope", Bodies(MessageKind.Envelope), MessageLimits.MaxHeaders * StringOverhead * TextFactor, TextFactor, static input =>
        {
            if (Envelope.TryRead(input, out var envelope))
            {
                Assert.True(envelope.ReadHeaders().Count <= MessageLimits.MaxHeaders);
                Assert.True(envelope.Payload.Length <= input.Length);
                Assert.True(envelope.Timeout > TimeSpan.Zero && envelope.Timeout <= MessageLimits.MaxTimeout);
                Assert.True(envelope.Created.Offset == TimeSpan.Zero);
            }
        });

    [Fact]
    public void Answers_and_cancellations() => Fuzz.Run(
        "answer", Bodies(MessageKind.Receipt, MessageKind.Reply, MessageKind.Cancel), 4 * StringOverhead, TextFactor, static input =>
        {
            DeliveryAddress.TryRead(input, out _);
            if (AnswerFields.TryRead(input, out var answer))
            {
                _ = answer.ToAnswer(MessageKind.Receipt, GoldenPackets.A, NoParts);
                _ = answer.ToAnswer(MessageKind.Reply, GoldenPackets.A, NoParts);
            }
        });

    [Fact]
    public void Endpoints() => Fuzz.Run("endpoint", [[10, 0, 0, 1, 0x2c, 0xf7], [.. new byte[15], 1, 0x2c, 0xf7], WebEndpoint("ws://a.example:80/gossip"), WebEndpoint("https://a.example/x")], WebAddressOverhead, WebAddressFactor, static input =>
    {
        if (EndpointFormat.TryRead(input, out var endpoint))
        {
            Assert.False(endpoint.IsNone);
            Assert.True(endpoint.HasSocket || endpoint.Web is not null);
        }
    });

    private static byte[] WebEndpoint(string url)
    {
        Assert.True(WebAddress.TryParse(url, out var web, out _));
        var bytes = new byte[EndpointFormat.MaxSize];
        return bytes[..EndpointFormat.Write(NodeEndpoint.From(web), bytes)];
    }

    [Fact]
    public void Addresses()
    {
        string[] golden =
        [
            "10.0.0.4:11511", "[2001:db8::1]:11511", "node-1.example:11511", "[::ffff:10.0.0.1]:1", "host", "0.0.0.0:0", "a|b", "http://x:1", "srv+x", "[fe80::1%eth0]:1",
        ];
        Fuzz.Run("address", [.. golden.Select(Encoding.UTF8.GetBytes)], AddressBound, AddressFactor, static input =>
        {
            var text = Encoding.UTF8.GetString(input);
            foreach (var use in (ReadOnlySpan<AddressUse>)[AddressUse.Bind, AddressUse.Dial])
            {
                if (GossipAddressParser.TryParse(text, use, out var address, out var problem))
                {
                    Assert.True(GossipAddressParser.TryParse(address.ToString(), use, out var again, out _));
                    Assert.Equal(address, again);
                }
                else
                {
                    Assert.InRange(problem.Length, 1, MaxProblemLength);
                }
            }
        });
    }

    [Theory]
    [InlineData("host:", "")]
    [InlineData("[", "]:1")]
    [InlineData("", "://")]
    public void A_file_that_was_given_as_an_address_is_not_repeated(string before, string after)
    {
        Assert.False(GossipAddressParser.TryParse(before + new string('x', 100_000) + after, AddressUse.Dial, out _, out var problem));
        Assert.InRange(problem.Length, 1, MaxProblemLength);
    }

    /// <summary>What the words of a refusal, or an address and its text, need.</summary>
    private const int AddressBound = 16 * 1024;
    private const int AddressFactor = 64;
    private const int MaxProblemLength = 500;

    private static byte[][] Bodies(params MessageKind[] kinds) =>
    [
        .. from packet in Packets
           from message in TestPacket.Messages(packet.Bytes)
           where kinds.Contains(message.Kind)
           select message.Body,
    ];

    private static IEnumerable<byte[]> FactValues()
    {
        MetadataValue[] values = [true, -5L, 5UL, 1.5, "text", new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.FromHours(2))];
        var buffer = new byte[256];
        foreach (var value in values)
        {
            var writer = new WireWriter(buffer);
            MetadataValueFormat.Write(ref writer, value);
            yield return buffer[..writer.Position];
        }
    }
}

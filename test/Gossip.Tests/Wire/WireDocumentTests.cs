using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>Holds docs/wire.md against the code, so that neither moves alone.</summary>
public class WireDocumentTests
{
    private const string Root = "Packet";

    private static readonly Dictionary<string, Dictionary<int, (string Type, bool Repeated)>> Schema = WireDocument.Schema();

    [Fact]
    public void The_annotated_ping_is_what_the_code_writes() =>
        Assert.Equal(Convert.ToHexStringLower(GoldenPackets.Ping()), Convert.ToHexStringLower(WireDocument.Dump("Ping")));

    [Fact]
    public void The_annotated_join_request_is_what_the_code_writes() =>
        Assert.Equal(Convert.ToHexStringLower(GoldenPackets.JoinRequest()), Convert.ToHexStringLower(WireDocument.Dump("JoinRequest")));

    [Fact]
    public void The_schema_has_every_kind_of_message_and_no_other()
    {
        var kinds = Enum.GetValues<MessageKind>().Except([MessageKind.None]).Select(kind => (int)kind);

        Assert.Equal(kinds.Order(), Schema[Root].Keys.Order());
    }

    [Fact]
    public void Every_field_that_the_code_writes_is_in_the_schema_with_its_type()
    {
        HashSet<(string, int)> used = [];
        foreach (var (name, bytes) in GoldenPackets.Control.Concat(GoldenPackets.Data).Concat(GoldenPackets.Agreement).Concat(GoldenPackets.Streams))
        {
            Check(name, Root, bytes.AsSpan(PacketHeader.Size), used);
        }

        // The packets must exercise the schema, or the check above would prove little.
        string[] unused = [.. from message in Schema from number in message.Value.Keys where !used.Contains((message.Key, number)) select $"{message.Key}.{number}"];
        Assert.Equal(NotWritten, unused);
    }

    /// <summary>What no golden packet has: versions and features, which JoinVersionTests has, values of other kinds, floors before anything was forgotten, failures, and compression.</summary>
    private static string[] NotWritten =>
    [
        "Member.11", "Member.12", "Member.13", "MetadataValue.2", "MetadataValue.3", "MetadataValue.4", "MetadataValue.6", "MetadataValue.7", "MetadataValue.8",
        "JoinReply.6", "JoinReply.7", "SyncEntry.3", "SyncEntry.6", "Envelope.7", "Answer.7", "Answer.9",
    ];

    private static void Check(string packet, string message, ReadOnlySpan<byte> body, HashSet<(string Message, int Field)> used)
    {
        HashSet<int> seen = [];
        var reader = new WireReader(body);
        while (reader.Next())
        {
            var number = reader.Field;
            Assert.True(Schema[message].TryGetValue(number, out var field), $"{packet}: the schema has no field {number} in {message}.");
            Assert.True(reader.Type == TypeOf(field.Type), $"{packet}: field {number} of {message} is {reader.Type}, not {field.Type}.");
            Assert.True(seen.Add(number) || field.Repeated, $"{packet}: field {number} of {message} is not repeated.");
            used.Add((message, number));
            if (Schema.ContainsKey(field.Type))
            {
                Check(packet, field.Type, reader.Bytes, used);
            }
        }

        Assert.False(reader.Malformed, $"{packet}: {message} is malformed.");
    }

    private static WireType TypeOf(string type) => type switch
    {
        "uint64" or "uint32" or "sint64" or "sint32" or "bool" => WireType.Varint,
        "fixed64" or "double" => WireType.Fixed64,
        _ => WireType.Bytes,
    };
}

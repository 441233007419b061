using System.Text.Json;
using System.Text.Json.Serialization;
using Gossip;

namespace Quorum.Nodes;

// What the program and its nodes say to each other, one JSON object a line: commands go in, answers come out. This is the
// program's own wire and has nothing to do with gossip.

/// <summary>How one node is started.</summary>
internal sealed record NodeSettings(string Name, string ClusterName, string Address, string[] Seeds, string DataDirectory, TimeSpan TableTimeout);

/// <summary>Asks a node to do something.</summary>
/// <param name="Number">Comes back in the answer.</param>
/// <param name="Verb">One of <see cref="Verb"/>.</param>
/// <param name="Words">What the verb needs.</param>
internal sealed record Command(int Number, string Verb, string[] Words);

/// <summary>What a node can be asked. To write is to read and to put, and again as long as somebody else was faster; to put alone is to do so at the version that the node read last.</summary>
internal static class Verb
{
    public const string Status = "status";
    public const string Read = "read";
    public const string Write = "write";
    public const string Put = "put";
    public const string Leave = "leave";
}

/// <summary>The answer to a command: a result, or an error.</summary>
internal sealed record Answer(int Number, JsonElement? Result, string? Error);

/// <summary>Lines as objects.</summary>
internal static class Line
{
    // Enumerations as words: whoever looks at the pipe should be able to read it.
    public static JsonSerializerOptions Format { get; } = new() { Converters = { new JsonStringEnumConverter() } };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Format);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Format)!;
}

/// <summary>One that decides, as some node sees it.</summary>
internal sealed record Seat(string Address, bool? IsDurable, TableAcceptorState State);

/// <summary>What a node knows of the table.</summary>
internal sealed record Status(string Incarnation, long Epoch, Seat[] Seats, bool HasQuorum, bool HasSeat, bool IsInCharge, int? Version, string Diagnosis);

/// <summary>A row of the table for people.</summary>
internal sealed record Row(string Key, string Value, string Etag);

/// <summary>The table as it was read.</summary>
internal sealed record Rows(int Version, Row[] Items);

/// <summary>What became of a write: done, at this version; or not, because somebody else was faster.</summary>
internal sealed record Written(bool Done, int Version);

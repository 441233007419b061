using System.Text.Json;
using System.Text.Json.Serialization;
using Gossip;

namespace Quickstart.Nodes;

// What the tour and its nodes say to each other, one JSON object a line: commands go in, answers and snapshots come out.
// This is the tour's own wire and has nothing to do with gossip.

/// <summary>How one node is started.</summary>
internal sealed record NodeSettings(string Name, string ClusterName, string[] Tags, string BindAddress, string? Seed);

/// <summary>Asks a node to do something.</summary>
/// <param name="Number">Comes back in the answer.</param>
/// <param name="Verb">One of <see cref="Verb"/>.</param>
/// <param name="Words">What the verb needs.</param>
internal sealed record Command(int Number, string Verb, string[] Words);

/// <summary>What a node can be asked.</summary>
internal static class Verb
{
    public const string Set = "set";
    public const string Delete = "delete";
    public const string AddTag = "add-tag";
    public const string RemoveTag = "remove-tag";
    public const string Send = "send";
    public const string Broadcast = "broadcast";
    public const string Inbox = "inbox";
    public const string Request = "request";
    public const string Explain = "explain";
    public const string Leave = "leave";
}

/// <summary>What a node says.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Starting), "starting")]
[JsonDerivedType(typeof(Snapshot), "snapshot")]
[JsonDerivedType(typeof(Answer), "answer")]
internal abstract record Line
{
    // Enumerations as words: whoever looks at the pipe should be able to read it.
    public static JsonSerializerOptions Format { get; } = new() { Converters = { new JsonStringEnumConverter() } };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Format);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Format)!;
}

/// <summary>The process runs, and its node starts now.</summary>
internal sealed record Starting(DateTimeOffset Time) : Line;

/// <summary>All members as the node sees them since <paramref name="Time"/>.</summary>
internal sealed record Snapshot(DateTimeOffset Time, Peer[] Peers) : Line
{
    public Peer Local => Peers.Single(peer => peer.IsLocal);

    public Peer? Find(string id) => Peers.FirstOrDefault(peer => peer.Id == id);
}

/// <summary>The answer to a command: a result, or an error.</summary>
internal sealed record Answer(int Number, JsonElement? Result, string? Error) : Line;

/// <summary>A member as some node sees it. Metadata is text, after its kind.</summary>
internal sealed record Peer(
    string Name,
    string Id,
    ulong Generation,
    string Address,
    MemberState State,
    string[] Tags,
    SortedDictionary<string, TypedText> Metadata,
    bool IsLocal);

/// <summary>A metadata value for people.</summary>
internal sealed record TypedText(MetadataValueKind Kind, string Text);

/// <summary>What became of a message at one target.</summary>
internal sealed record Receipt(string Id, SendOutcome Outcome, string? Error);

/// <summary>A message that a node received.</summary>
internal sealed record Received(string From, string Text);

/// <summary>The reply to a request, with the process that gave it.</summary>
internal sealed record ReplyText(string Text, int ProcessId);

/// <summary>Why a node believes what it believes about a member.</summary>
internal sealed record Reasons(MemberState State, EvidenceKind[] Evidence, string[] Accusers, string? DeclaredDeadBy, string Text);

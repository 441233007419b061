using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCluster.Silos;

// What the program and its silos say to each other, one JSON object a line: commands go in, answers come out. This is the
// program's own wire, and has nothing to do with gossip or Orleans.

/// <summary>How one silo is started.</summary>
internal sealed record SiloSettings(
    string Name, string ClusterId, int SiloPort, int GatewayPort, string Address, string[] Seeds, string[] Tags, string DataDirectory, bool Logs);

/// <summary>Asks a silo to do something.</summary>
/// <param name="Number">Comes back in the answer.</param>
/// <param name="Verb">One of <see cref="Verb"/>.</param>
/// <param name="Words">What the verb needs.</param>
internal sealed record Command(int Number, string Verb, string[] Words);

/// <summary>What a silo can be asked.</summary>
internal static class Verb
{
    public const string Status = "status";
    public const string Death = "death";
    public const string Send = "send";
    public const string Inbox = "inbox";
    public const string AddTag = "add-tag";
    public const string RemoveTag = "remove-tag";
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

/// <summary>A silo as another one sees it.</summary>
internal sealed record Peer(string Name, string Address, SiloStatus Status);

/// <summary>What a silo is, and what it believes of all.</summary>
internal sealed record Status(string Address, long Version, Peer[] View)
{
    public int Active => View.Count(static peer => peer.Status == SiloStatus.Active);
}

/// <summary>When a silo learned of the death of another one: by gossip, and by Orleans' membership.</summary>
internal sealed record Death(DateTimeOffset? Gossip, DateTimeOffset? Orleans);

/// <summary>A message that arrived.</summary>
internal sealed record Received(string Text, string From);

using System.Diagnostics.CodeAnalysis;

namespace Gossip.Messaging;

/// <summary>Which codecs and compressions this node understands. What came otherwise is refused, and its sender is told which it was.</summary>
internal sealed class PayloadFormats(MessageTypeRegistry types, PayloadCompression compression)
{
    public PayloadCompression Compression => compression;

    /// <summary>Null, or why a payload so encoded is refused.</summary>
    public string? Check(int codec, int compressionId) =>
        !types.IsKnown(codec) ? Refusal.UnknownCodec(codec)
        : !compression.IsKnown(compressionId) ? Refusal.UnknownCompression(compressionId)
        : null;

    /// <summary>Gives a payload in memory of its own.</summary>
    public bool TryOpen(int codec, int compressionId, ReadOnlySpan<byte> source, out MessagePayload payload, [NotNullWhen(false)] out string? refusal)
    {
        refusal = Check(codec, compressionId);
        if (refusal is not null || !compression.TryOpen(compressionId, source, out var plain, out refusal))
        {
            payload = default;
            return false;
        }

        payload = new MessagePayload((PayloadKind)codec, plain);
        return true;
    }
}

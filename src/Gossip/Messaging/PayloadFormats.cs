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
    /// <param name="codec">The codec.</param>
    /// <param name="compressionId">The compression.</param>
    /// <param name="source">What came in the packet.</param>
    /// <param name="whole">The payload in place of that, when parts of it came before: it is nobody else's.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="refusal">Why there is none.</param>
    public bool TryOpen(int codec, int compressionId, ReadOnlySpan<byte> source, byte[]? whole, out MessagePayload payload, [NotNullWhen(false)] out string? refusal)
    {
        payload = default;
        refusal = Check(codec, compressionId);
        if (refusal is not null)
        {
            return false;
        }

        var plain = compressionId == PayloadCompression.None ? whole : null;
        if (plain is null && !compression.TryOpen(compressionId, whole is null ? source : whole, out plain, out refusal))
        {
            return false;
        }

        payload = new MessagePayload((PayloadKind)codec, plain);
        return true;
    }
}

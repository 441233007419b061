namespace Gossip.Messaging;

/// <summary>Which encodings this node understands. Both ids are on the wire from the first version on, so that more can come.</summary>
internal static class PayloadCodec
{
    private const int NoCompression = 0;

    /// <summary>Null, or why a payload so encoded is refused.</summary>
    public static string? Check(int codec, int compression) =>
        codec is < (int)PayloadKind.Bytes or > (int)PayloadKind.Json ? Refusal.Codec
        : compression != NoCompression ? Refusal.Compression
        : null;
}

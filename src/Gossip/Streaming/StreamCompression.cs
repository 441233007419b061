using System.IO.Compression;

namespace Gossip;

/// <summary>How the bytes of a stream are compressed on their way. The numbers are used on the wire.</summary>
public enum StreamCompression
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Brotli (RFC 7932): smaller.</summary>
    Brotli = 1,

    /// <summary>Deflate (RFC 1951), without a header: quicker.</summary>
    Deflate = 2,
}

internal static class StreamCompressionExtensions
{
    public static bool IsKnown(this StreamCompression compression) => compression is >= StreamCompression.None and <= StreamCompression.Deflate;

    /// <summary>Compresses what is written to it, at the level that is meant for data on its way.</summary>
    public static Stream Compress(this StreamCompression compression, Stream destination) => compression == StreamCompression.Brotli
        ? new BrotliStream(destination, CompressionLevel.Fastest, leaveOpen: true)
        : new DeflateStream(destination, CompressionLevel.Fastest, leaveOpen: true);

    /// <summary>Decompresses what is read from it, and no more at once than its reader has room for.</summary>
    public static Stream Decompress(this StreamCompression compression, Stream source) => compression == StreamCompression.Brotli
        ? new BrotliStream(source, CompressionMode.Decompress, leaveOpen: true)
        : new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true);
}

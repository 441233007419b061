using System.IO.Compression;

namespace Gossip;

/// <summary>Compresses payloads with Brotli (RFC 7932). Every node understands it.</summary>
public sealed class BrotliCompressor : IPayloadCompressor
{
    /// <summary>The number on the wire.</summary>
    internal const int BrotliId = 1;

    /// <summary>The one that is meant for data on its way: the next ones are many times slower.</summary>
    private const int Quality = 1;

    /// <summary>Brotli's own default: as large as most payloads, or larger.</summary>
    private const int Window = 22;

    private BrotliCompressor()
    {
    }

    /// <summary>The compressor.</summary>
    public static BrotliCompressor Default { get; } = new();

    /// <inheritdoc/>
    public int Id => BrotliId;

    /// <inheritdoc/>
    public string Name => "brotli";

    /// <inheritdoc/>
    public bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written) => BrotliEncoder.TryCompress(source, destination, out written, Quality, Window);

    /// <inheritdoc/>
    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination) => BrotliDecoder.TryDecompress(source, destination, out var written) && written == destination.Length;
}

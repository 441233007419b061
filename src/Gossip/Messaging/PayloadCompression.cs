using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gossip.Messaging;

/// <summary>
/// Compresses payloads for those who understand it, where that pays, and decompresses what comes. Before the compressed bytes stands the size of the payload, which is checked before anything is allocated.
/// </summary>
internal sealed class PayloadCompression
{
    /// <summary>The system fact in which a node names the compressors that it has besides Brotli, a byte each.</summary>
    public const string FactKey = "compressions";

    public const int None = 0;

    private const int SizeBytes = sizeof(int);

    /// <summary>What saves less than this part of a payload is not worth the decompression.</summary>
    private const int LeastSaving = 8;

    private readonly ImmutableArray<IPayloadCompressor> _preferred;
    private readonly FrozenDictionary<int, IPayloadCompressor> _known;
    private readonly int _above;
    private readonly int _maxInflated;

    public PayloadCompression(MessagingOptions options)
    {
        _preferred = [.. options.Compressors];
        _known = _preferred.Append(BrotliCompressor.Default).DistinctBy(static compressor => compressor.Id).ToFrozenDictionary(static compressor => compressor.Id);
        _above = options.CompressAbove;
        _maxInflated = options.MaxInflatedSize ?? options.LargestMessage;
        Announced = [.. _known.Keys.Where(static id => id != BrotliCompressor.BrotliId).Order().Select(static id => (byte)id)];
    }

    /// <summary>What this node has to tell the others; empty when there is nothing that not every node understands.</summary>
    public ImmutableArray<byte> Announced { get; }

    /// <summary>Compresses a payload for one node; null for one that is no member, whose facts nobody knows.</summary>
    public MessagePayload CompressFor(ClusterMember? to, in MessagePayload payload) =>
        Applies(payload) ? Compress(Best(to), payload) : payload;

    /// <summary>Compresses a payload once for several nodes.</summary>
    public MessagePayload CompressFor(ImmutableArray<Target.Recipient> to, in MessagePayload payload) =>
        Applies(payload) ? Compress(Best(to), payload) : payload;

    /// <summary>Compresses a payload for whoever may get it later.</summary>
    public MessagePayload CompressForAll(in MessagePayload payload) =>
        Applies(payload) ? Compress(_preferred.FirstOrDefault(static compressor => compressor.Id == BrotliCompressor.BrotliId), payload) : payload;

    public bool IsKnown(int compression) => compression == None || _known.ContainsKey(compression);

    /// <summary>The size of the payload that these bytes are said to be; negative when they say nothing of the kind.</summary>
    public static int SizeOf(int compression, ReadOnlySpan<byte> source) =>
        compression == None ? source.Length : BinaryPrimitives.TryReadInt32LittleEndian(source, out var size) ? size : -1;

    /// <summary>How much room a payload needs, of those that are not refused for their size.</summary>
    public int RoomFor(int compression, ReadOnlySpan<byte> source) => compression == None ? source.Length : Math.Clamp(SizeOf(compression, source), 0, _maxInflated);

    /// <summary>Gives the bytes of a payload, in memory of their own.</summary>
    public bool TryOpen(int compression, ReadOnlySpan<byte> source, [NotNullWhen(true)] out byte[]? payload, [NotNullWhen(false)] out string? refusal)
    {
        payload = null;
        refusal = null;
        if (compression == None)
        {
            payload = source.ToArray();
            return true;
        }

        var size = SizeOf(compression, source);
        if (size < 0 || size > _maxInflated)
        {
            refusal = size < 0 ? Refusal.Malformed : $"{Refusal.Inflated} {size} bytes: at most {_maxInflated} are taken (MessagingOptions.MaxInflatedSize)";
            return false;
        }

        // Rented, so that a few bytes that claim to be many take no memory unless they are.
        var plain = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (TryDecompress(_known[compression], source[SizeBytes..], plain.AsSpan(0, size)))
            {
                payload = plain.AsSpan(0, size).ToArray();
                return true;
            }

            refusal = Refusal.Malformed;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static bool TryDecompress(IPayloadCompressor compressor, ReadOnlySpan<byte> source, Span<byte> payload)
    {
        try
        {
            return compressor.TryDecompress(source, payload);
        }
        catch (Exception)
        {
            return false; // what a stranger sends must not throw on a reader's thread, whoever wrote the compressor
        }
    }

    private static bool IsKnownTo(ClusterMember? member, int compression) =>
        compression == BrotliCompressor.BrotliId
        || (member?.SystemFacts.TryGetValue(FactKey, out MetadataValue told) == true && told.TryGet(out byte[]? ids) && ids?.Contains((byte)compression) == true);

    private static MessagePayload Compress(IPayloadCompressor? compressor, in MessagePayload payload)
    {
        if (compressor is null)
        {
            return payload;
        }

        var limit = payload.Size - (payload.Size / LeastSaving);
        var buffer = ArrayPool<byte>.Shared.Rent(limit);
        try
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, payload.Size);
            return compressor.TryCompress(payload.Encoded.Span, buffer.AsSpan(SizeBytes, limit - SizeBytes), out var written)
                ? payload.Compressed(compressor.Id, buffer.AsSpan(0, SizeBytes + written).ToArray())
                : payload;
        }
        catch (Exception)
        {
            return payload; // it can be sent without, and for a reply there is nobody to tell
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Apart from their callers, who take no memory when nothing is compressed.
    private IPayloadCompressor? Best(ClusterMember? to) => _preferred.FirstOrDefault(compressor => IsKnownTo(to, compressor.Id));

    private IPayloadCompressor? Best(ImmutableArray<Target.Recipient> to) => _preferred.FirstOrDefault(compressor => to.All(each => IsKnownTo(each.Member, compressor.Id)));

    private bool Applies(in MessagePayload payload) => !_preferred.IsEmpty && payload.Size > _above;
}

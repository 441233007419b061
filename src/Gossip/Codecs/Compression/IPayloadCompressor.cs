namespace Gossip;

/// <summary>
/// A way to compress payloads, with a number that says on the wire which it is. Give it to every node by <see cref="MessagingOptions.Compressors"/>: nodes tell each other which they have, and nobody gets what it has not. All members are called from any thread.
/// </summary>
public interface IPayloadCompressor
{
    /// <summary>The number on the wire, equal on all nodes: 1 is Brotli, 2 is Snappy; for your own 64 to 255.</summary>
    int Id { get; }

    /// <summary>The name, for errors and logs.</summary>
    string Name { get; }

    /// <summary>Compresses a payload, if it becomes small enough.</summary>
    /// <param name="source">The payload.</param>
    /// <param name="destination">Takes the compressed payload. It is smaller than the payload: what does not fit does not pay.</param>
    /// <param name="written">How many bytes it takes.</param>
    /// <returns>False when it does not fit; then the payload is sent as it is. Exceptions count as that.</returns>
    bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written);

    /// <summary>Decompresses what anybody may have written. It must not allocate by what the bytes claim.</summary>
    /// <param name="source">The compressed payload.</param>
    /// <param name="destination">Takes the payload, which has exactly this size.</param>
    /// <returns>False when the bytes are no payload of that size; exceptions count as that.</returns>
    bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination);
}

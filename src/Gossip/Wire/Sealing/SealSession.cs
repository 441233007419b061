namespace Gossip.Wire;

/// <summary>Whose packets a session opens. The key is named by its fingerprint: a key that comes back after it was removed finds its old window.</summary>
internal readonly record struct SealSessionId(UInt128 Key, NodeInstance Sender, uint Boot);

/// <summary>
/// What is kept about one sender whose packets opened: the derived cipher and the window. One window per key loses nothing, for a packet opens
/// under one key only, and so can be replayed under that one only.
/// </summary>
internal sealed class SealSession(SealSessionId id, SealCipher cipher, int windowSize) : IDisposable
{
    private readonly Lock _gate = new(); // a cipher serves one caller at a time
    private readonly ReplayWindow _window = new(windowSize);
    private SealCipher? _cipher = cipher;
    private bool _disposed;

    public SealSessionId Id => id;

    public bool HasCipher
    {
        get
        {
            lock (_gate)
            {
                return _cipher is not null;
            }
        }
    }

    /// <summary>Opens a packet and marks it as seen, in that order: what does not verify must not move the window.</summary>
    public SealVerdict Open(SealScope scope, SealPath path, RingKey key, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return SealVerdict.Evicted;
            }

            _cipher ??= scope.Derive(key, path, id.Sender, id.Boot);
            return _cipher.TryOpen(scope, packet, destination) ? MarkLocked(packet) : SealVerdict.BadTag;
        }
    }

    /// <summary>Marks a packet that was opened elsewhere.</summary>
    public SealVerdict Mark(ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            return MarkLocked(packet);
        }
    }

    /// <summary>Its key was removed. The window stays: should the key come back, nothing opens twice.</summary>
    public void DropCipher()
    {
        lock (_gate)
        {
            _cipher?.Dispose();
            _cipher = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            DropCipher();
        }
    }

    private SealVerdict MarkLocked(ReadOnlySpan<byte> packet) =>
        _window.TryMark(SealFormat.Counter(packet)) ? SealVerdict.Opened : SealVerdict.Replay;
}

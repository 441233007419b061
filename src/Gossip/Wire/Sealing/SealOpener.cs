namespace Gossip.Wire;

/// <summary>What came of a packet that arrived.</summary>
internal enum SealVerdict
{
    Opened = 0,

    /// <summary>It is plaintext, where keys are in use.</summary>
    Unsealed,

    /// <summary>No key of the ring has its key id.</summary>
    UnknownKey,

    /// <summary>It was changed, or sealed under another key or for another cluster, or cut short.</summary>
    BadTag,

    /// <summary>It was seen before, or is too old to know.</summary>
    Replay,

    /// <summary>Its session was given up while it was opened; never leaves <see cref="SealOpener"/>.</summary>
    Evicted,
}

/// <summary>
/// Opens the packets of one path. What a bad packet costs is one key derivation and one decryption: it leaves no trace in the sessions.
/// </summary>
internal sealed class SealOpener(SealScope scope, SealPath path, int maxSessions) : IDisposable
{
    /// <summary>How far the network may reorder datagrams, in packets of one sender.</summary>
    private const int DatagramWindow = 1024;

    /// <summary>
    /// A stream keeps its order, but there may be several between two nodes, and a frame that was sealed may wait in the queue of a slow one while the
    /// sender goes on counting for all its peers.
    /// </summary>
    private const int StreamWindow = 64 * 1024;

    private readonly SealSessions _sessions = new(maxSessions);
    private volatile KeyRing _ring = KeyRing.Empty;

    public int SessionCount => _sessions.Count;

    public int CipherCount => _sessions.CipherCount;

    /// <summary>Opens a packet into a buffer that may be <see cref="SealFormat.Overhead"/> shorter.</summary>
    public SealVerdict Open(KeyRing ring, in PacketHeader header, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        if (ring != _ring)
        {
            // Keys were changed. A thread that is late with the ring before undoes this, and the next packet does it again.
            _ring = ring;
            _sessions.DropCiphers(ring);
        }

        if (header.KeyId == 0)
        {
            return SealVerdict.Unsealed;
        }

        if (ring.Find(header.KeyId) is not { } key)
        {
            return SealVerdict.UnknownKey;
        }

        if (packet.Length < SealFormat.MinSize)
        {
            return SealVerdict.BadTag;
        }

        var id = new SealSessionId(key.Fingerprint, header.Sender, SealFormat.Boot(packet));
        var verdict = _sessions.Find(id)?.Open(scope, path, key, packet, destination) ?? SealVerdict.Evicted;
        return verdict == SealVerdict.Evicted ? OpenFirst(key, id, packet, destination) : verdict;
    }

    public void Dispose() => _sessions.Dispose();

    /// <summary>A sender that is not known yet: it is remembered only once it has shown that it has the key.</summary>
    private SealVerdict OpenFirst(RingKey key, in SealSessionId id, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        var cipher = scope.Derive(key, path, id.Sender, id.Boot);
        if (!cipher.TryOpen(scope, packet, destination))
        {
            cipher.Dispose();
            return SealVerdict.BadTag;
        }

        var session = new SealSession(id, cipher, path == SealPath.Datagram ? DatagramWindow : StreamWindow);
        return _sessions.Keep(session).Mark(packet);
    }
}

using Gossip.Transport;

namespace Gossip.Node;

/// <summary>How a packet leaves.</summary>
internal enum TransmitPath
{
    /// <summary>As a datagram.</summary>
    Datagram,

    /// <summary>As a frame on the connection to an endpoint, dialled when there is none.</summary>
    Stream,

    /// <summary>As a frame on the connection that a request came from.</summary>
    Connection,
}

/// <summary>One packet to send; its bytes are in the outbox that it came from.</summary>
internal readonly record struct Transmit(TransmitPath Path, NodeEndpoint To, long ConnectionId, int Offset, int Length);

/// <summary>
/// What the engine wants done. The caller owns it, passes it in once, and empties it after each call; its buffer is reused,
/// so a steady state allocates nothing.
/// </summary>
internal sealed class Outbox
{
    private const int InitialCapacity = 16 * 1024;

    /// <summary>A larger buffer is given back once it is empty: it was needed for a rare exchange of whole views.</summary>
    private const int KeptCapacity = 512 * 1024;

    private readonly List<Transmit> _transmits = [];
    private byte[] _arena = new byte[InitialCapacity];
    private int _used;

    /// <summary>A list, so that to walk it takes no memory.</summary>
    public List<Transmit> Transmits => _transmits;

    public List<EngineEvent> Events { get; } = [];

    /// <summary>How many bytes wait to be sent.</summary>
    public int Size => _used;

    /// <summary>True when a member changed in a way that views show.</summary>
    public bool ViewChanged { get; set; }

    public ReadOnlySpan<byte> Bytes(in Transmit transmit) => _arena.AsSpan(transmit.Offset, transmit.Length);

    public ReadOnlyMemory<byte> Memory(in Transmit transmit) => _arena.AsMemory(transmit.Offset, transmit.Length);

    /// <summary>Lends room for one packet of at most <paramref name="size"/> bytes, until the next call.</summary>
    public Span<byte> Rent(int size)
    {
        if (_arena.Length - _used < size)
        {
            Array.Resize(ref _arena, Math.Max(checked(_arena.Length * 2), checked(_used + size)));
        }

        return _arena.AsSpan(_used, size);
    }

    /// <summary>Keeps the first <paramref name="length"/> bytes of the lent room as a packet.</summary>
    public void Commit(TransmitPath path, in NodeEndpoint to, long connectionId, int length)
    {
        _transmits.Add(new Transmit(path, to, connectionId, _used, length));
        _used += length;
    }

    /// <summary>Forgets everything, once it was carried out.</summary>
    public void Clear()
    {
        _transmits.Clear();
        Events.Clear();
        ViewChanged = false;
        _used = 0;
        if (_arena.Length > KeptCapacity)
        {
            _arena = new byte[InitialCapacity];
        }
    }
}

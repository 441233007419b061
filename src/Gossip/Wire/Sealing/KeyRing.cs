namespace Gossip.Wire;

/// <summary>The keys at one moment: one seals, all open. Immutable, so that a packet is handled under one set of keys whatever changes meanwhile.</summary>
internal sealed class KeyRing
{
    public const int MaxKeys = 16;

    public static readonly KeyRing Empty = new([]);

    private readonly RingKey[] _keys; // the primary first

    private KeyRing(RingKey[] keys) => _keys = keys;

    /// <summary>Seals what is sent; null when the ring is empty, and packets travel as plaintext.</summary>
    public RingKey? Primary => _keys.Length == 0 ? null : _keys[0];

    public ReadOnlySpan<RingKey> Keys => _keys;

    /// <exception cref="GossipKeyException">A key is malformed, there are too many, or two have one id.</exception>
    public static KeyRing Parse(IEnumerable<string> keys) => keys.Aggregate(Empty, (ring, key) => ring.With(RingKey.Parse(key)));

    public RingKey? Find(byte id)
    {
        foreach (var key in _keys)
        {
            if (key.Id == id)
            {
                return key;
            }
        }

        return null;
    }

    public bool Contains(UInt128 fingerprint) => Array.Exists(_keys, key => key.Fingerprint == fingerprint);

    /// <summary>Adds a key behind the others; one that is there already changes nothing.</summary>
    /// <exception cref="GossipKeyException">There are too many keys, or another has the same id.</exception>
    public KeyRing With(RingKey key)
    {
        if (Find(key.Id) is { } known)
        {
            // The id is one byte on the wire, and exactly one key must be tried for it.
            return known.Fingerprint == key.Fingerprint
                ? this
                : throw new GossipKeyException($"Two different keys have the id {key}, which is derived from the key: choose another key.");
        }

        return _keys.Length < MaxKeys
            ? new KeyRing([.. _keys, key])
            : throw new GossipKeyException($"There are more than {MaxKeys} keys: remove those that no node uses any more.");
    }

    /// <summary>Makes a key of the ring the primary one.</summary>
    public KeyRing WithPrimary(RingKey key) => new([key, .. _keys.Where(other => other != key)]);

    public KeyRing Without(RingKey key) => new([.. _keys.Where(other => other != key)]);
}

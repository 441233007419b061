using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Gossip.Wire;

namespace Gossip;

/// <summary>
/// The keys that seal and open all packets of a node, changed while it runs. One key, the primary, seals; every key opens. All members may be
/// called from any thread.
/// </summary>
/// <remarks>
/// <para>To change the key of a running cluster, take these steps on one node, one after the other:</para>
/// <list type="number">
/// <item><description><see cref="InstallAsync"/> the new key on all members, and put it into <see cref="GossipOptions.EncryptionKeys"/> behind the old one, for restarts.</description></item>
/// <item><description><see cref="UseAsync"/> the new key, and put it first in the options. Both keys open, so nodes that seal under either understand each other.</description></item>
/// <item><description>Wait until all that was sealed under the old key has arrived: some seconds, or the longest time-out of a request. Then <see cref="RemoveAsync"/> the old key, and take it out of the options.</description></item>
/// </list>
/// <para><see cref="Add"/>, <see cref="Use"/> and <see cref="Remove"/> do the same on this node alone: for clients, which no member asks, and for a key that must not travel under the old one because strangers may have that.</para>
/// <para>A node that uses a key which another one lacks is not understood there, as if the network between them were cut.</para>
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed partial class GossipKeys
{
    private const int IdLength = 2;

    private readonly Lock _gate = new();
    private volatile KeyRing _ring;

    internal GossipKeys(KeyRing ring) => _ring = ring;

    /// <summary>The ids of all keys, the primary first: two hexadecimal digits each, derived from the key, and no secret. Empty when packets travel as plaintext.</summary>
    public IReadOnlyList<string> Ids => [.. _ring.Keys.ToArray().Select(key => key.ToString())];

    /// <summary>The id of the key that seals what this node sends; null when packets travel as plaintext.</summary>
    public string? Primary => _ring.Primary?.ToString();

    internal KeyRing Ring => _ring;

    /// <summary>Makes a new random key for AES-256-GCM.</summary>
    /// <returns>32 random bytes in base64. Whoever has it can read and write everything in the cluster: keep it as you keep passwords.</returns>
    public static string Generate() => Generate(GossipCipher.Aes256Gcm);

    /// <summary>Makes a new random key.</summary>
    /// <param name="cipher">With what it seals.</param>
    /// <returns>32 random bytes in base64, after the name of the cipher where it is not AES-256-GCM. Whoever has it can read and write everything in the cluster: keep it as you keep passwords.</returns>
    /// <exception cref="GossipKeyException">This platform lacks the cipher.</exception>
    public static string Generate(GossipCipher cipher)
    {
        if (SealCipher.Obstacle(cipher) is { } obstacle)
        {
            throw new GossipKeyException(obstacle);
        }

        Span<byte> bytes = stackalloc byte[RingKey.Size];
        RandomNumberGenerator.Fill(bytes);
        var text = KeyText.Format(cipher, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Says by what a key is called in results and logs.</summary>
    /// <param name="key">The key, see <see cref="GossipOptions.EncryptionKeys"/>.</param>
    /// <returns>Its id, fingerprint and cipher. No ring can have two keys of one id, of which there are 255: make another one then.</returns>
    /// <exception cref="GossipKeyException">The key is malformed, or the platform lacks its cipher.</exception>
    public static GossipKeyInfo Describe(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parsed = RingKey.Parse(key);
        return GossipKeyInfo.Of(parsed.Fingerprint, parsed.Cipher, isPrimary: false);
    }

    /// <summary>Adds a key on this node: it opens packets from now on. It seals none before <see cref="Use"/>. A key that is there already changes nothing.</summary>
    /// <param name="key">The key, see <see cref="GossipOptions.EncryptionKeys"/>.</param>
    /// <returns>The id of the key.</returns>
    /// <exception cref="GossipKeyException">The key is malformed, another key has its id, there are 16 keys, or the node was started without keys.</exception>
    public string Add(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var added = RingKey.Parse(key);
        Change(ring => ring.With(added));
        return added.ToString();
    }

    /// <summary>Makes a key of the ring the primary one on this node: it seals all that this node sends from now on.</summary>
    /// <param name="keyOrId">The id, or the key.</param>
    /// <exception cref="GossipKeyException">There is no such key: add it first, on every node. Or the text is malformed, or the node was started without keys.</exception>
    public void Use(string keyOrId) =>
        Change(ring => ring.WithPrimary(Find(ring, keyOrId) ?? throw new GossipKeyException("There is no such key in the ring: add it first, on every node.")));

    /// <summary>Removes a key on this node: what others seal under it is refused from now on.</summary>
    /// <param name="keyOrId">The id, or the key.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="GossipKeyException">It is the primary key: use another one first. Or the text is malformed, or the node was started without keys.</exception>
    public bool Remove(string keyOrId)
    {
        var removed = false;
        Change(ring =>
        {
            var key = Find(ring, keyOrId);
            removed = key is not null;
            return key is null ? ring
                : key != ring.Primary ? ring.Without(key)
                : throw new GossipKeyException($"The key {key} seals what this node sends: use another one before you remove it.");
        });
        return removed;
    }

    /// <summary>The ids of the keys; never the keys.</summary>
    /// <returns>For example <c>keys 5c*, 9e</c>; the star marks the primary key.</returns>
    public override string ToString() =>
        _ring.Primary is null ? "no keys" : "keys " + string.Join(", ", Ids.Select((id, index) => index == 0 ? id + "*" : id));

    private static RingKey? Find(KeyRing ring, string keyOrId)
    {
        ArgumentNullException.ThrowIfNull(keyOrId);
        if (keyOrId.Length == IdLength && byte.TryParse(keyOrId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            return ring.Find(id);
        }

        var key = RingKey.Parse(keyOrId);
        return ring.Find(key.Id) is { } known && known.Fingerprint == key.Fingerprint ? known : null;
    }

    private void Change(Func<KeyRing, KeyRing> change)
    {
        lock (_gate)
        {
            DemandKeys();
            _ring = change(_ring);
        }
    }

    private void DemandKeys()
    {
        if (_ring.Primary is null)
        {
            throw new GossipKeyException("The node was started without keys, and its packets travel as plaintext: set GossipOptions.EncryptionKeys and start it anew.");
        }
    }
}

/// <summary>A key that cannot be used, or a change of keys that is not possible. The message says what to do, and never contains a key.</summary>
public class GossipKeyException : GossipException
{
    internal GossipKeyException(string message)
        : base(message)
    {
    }
}

/// <summary>A change of keys would cut members off, and was not begun. The message names them.</summary>
public sealed class GossipKeyChangeException : GossipKeyException
{
    internal GossipKeyChangeException(string message, IReadOnlyList<MemberKeys> members)
        : base(message) => Members = members;

    /// <summary>The members because of which nothing was done, with the keys that they have.</summary>
    public IReadOnlyList<MemberKeys> Members { get; }
}

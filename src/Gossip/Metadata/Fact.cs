using System.Text;
using Gossip.Wire;

namespace Gossip.Metadata;

/// <summary>What a fact is about. The numbers are on the wire; kinds of newer versions are kept and passed on.</summary>
internal enum FactKind
{
    /// <summary>The node carries the tag that the key names.</summary>
    Tag = 1,

    /// <summary>A user's key and value.</summary>
    Metadata = 2,

    /// <summary>A key and value of the engine's own, such as the application's version.</summary>
    System = 3,
}

/// <summary>
/// One thing that a node says about itself, or its deletion. It keeps the bytes it came in, so that a relay passes on what it
/// does not understand, and that writing a delta is copying.
/// </summary>
internal sealed class Fact
{
    private const int MaxOverhead = 48; // keys, lengths, kind and stamp

    private readonly byte[] _encoded;

    private Fact(FactKind kind, string key, MetadataValue? value, ulong stamp, byte[] encoded)
    {
        Kind = kind;
        Key = key;
        Value = value;
        Stamp = stamp;
        _encoded = encoded;
    }

    public FactKind Kind { get; }

    public string Key { get; }

    /// <summary>The value; null for a tombstone, which says that there is none any more.</summary>
    public MetadataValue? Value { get; }

    /// <summary>The bits of the <see cref="HybridTimestamp"/> of the change.</summary>
    public ulong Stamp { get; }

    public bool IsTombstone => Value is null;

    /// <summary>The bytes that the fact takes in a delta.</summary>
    public int Size => FactsDelta.SizeOfEntry(_encoded.Length);

    public ReadOnlySpan<byte> Encoded => _encoded;

    public static Fact Create(FactKind kind, string key, MetadataValue? value, ulong stamp)
    {
        var size = MaxOverhead + Encoding.UTF8.GetByteCount(key) + (value is { } v ? MetadataValueFormat.MaxSizeOf(v) : 0);
        var writer = new WireWriter(new byte[size]);
        FactEntry.Write(ref writer, kind, key, value, stamp);
        return new Fact(kind, key, value, stamp, writer.Written.ToArray());
    }

    /// <summary>Makes a fact of an entry that was read, which proved that the parts are well-formed.</summary>
    public static Fact Create(scoped in FactEntry entry)
    {
        MetadataValue? value = null;
        if (entry.HasValue)
        {
            _ = MetadataValueFormat.TryRead(entry.Value, out var read);
            value = read;
        }

        return new Fact(entry.Kind, Encoding.UTF8.GetString(entry.Key), value, entry.Stamp, entry.Encoded.ToArray());
    }

    /// <summary>Whether this fact is about the given tag or key.</summary>
    public bool Concerns(FactKind kind, string key) => Kind == kind && Key == key;
}

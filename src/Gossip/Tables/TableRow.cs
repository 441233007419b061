using Gossip.Tables;

namespace Gossip;

/// <summary>One row of a table, as it was at one version. Immutable: its bytes are a copy.</summary>
public sealed class TableRow
{
    private readonly StoredRow _stored;

    internal TableRow(string key, StoredRow stored)
        : this(key, Tables.HeartbeatName.Of(key), stored, stored.Value.ToArray(), heartbeat: null)
    {
    }

    private TableRow(string key, string heartbeatName, StoredRow stored, ReadOnlyMemory<byte> value, DateTimeOffset? heartbeat) =>
        (Key, HeartbeatName, _stored, Value, Heartbeat) = (key, heartbeatName, stored, value, heartbeat);

    /// <summary>The key; case-sensitive.</summary>
    public string Key { get; }

    /// <summary>The bytes, whose meaning only the table's users know.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Opaque text, other with each commit that writes this row, and never null. Heartbeats do not change it.</summary>
    public string Etag => TableEtag.Of(_stored.Stamp);

    /// <summary>Whether the row is terminal: it never becomes non-terminal again.</summary>
    public bool IsTerminal => _stored.IsTerminal;

    /// <summary>The latest heartbeat that this node heard of, in UTC; null when it heard of none. It comes by gossip, so another node may know a later one.</summary>
    public DateTimeOffset? Heartbeat { get; }

    /// <summary>What heartbeats call this row.</summary>
    internal string HeartbeatName { get; }

    internal long Stamp => _stored.Stamp;

    internal bool Is(StoredRow stored) => _stored == stored;

    internal TableRow With(DateTimeOffset? heartbeat) => heartbeat == Heartbeat ? this : new(Key, HeartbeatName, _stored, Value, heartbeat);
}

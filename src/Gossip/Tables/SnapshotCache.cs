using System.Collections.Immutable;
using Gossip.Agreement;

namespace Gossip.Tables;

/// <summary>
/// What reads hand out: the table that was agreed on, with the heartbeats that gossip brought. As long as neither changes, it is the same object; when one does, the rows that did not change are. May be called
/// from any thread.
/// </summary>
internal sealed class SnapshotCache
{
    private readonly Lock _gate = new();
    private readonly TableGossip _gossip = new();
    private TableSnapshot _snapshot = TableSnapshot.Empty;
    private TableState? _state;
    private Lineage _lineage;
    private Position _position;
    private long _changes;

    /// <summary>How many times of heartbeats are kept.</summary>
    public int Heartbeats
    {
        get
        {
            lock (_gate)
            {
                return _gossip.Count;
            }
        }
    }

    /// <summary>The table at a position.</summary>
    public TableSnapshot Of(RegisterValue value, ClusterView view)
    {
        var state = (TableState)value.State;
        lock (_gate)
        {
            _gossip.Observe(view);
            var isSame = ReferenceEquals(state, _state) || value.Position == _position;
            if (isSame && _changes == _gossip.Changes)
            {
                return _snapshot;
            }

            // A slow read of an older table may come late; what it lacks may be new, and not removed.
            if (IsBefore(state.Version, _snapshot.Version))
            {
                return Build(state, removed: null);
            }

            var isNext = _state is not null && value.Lineage == _lineage && _changes == _gossip.Changes;
            _snapshot = isNext && state.Trail.Since(_snapshot.Version.Stamp) is { } touched ? Patch(state, touched) : Build(state, name => _gossip.Forget(name));
            _gossip.Prune(_snapshot);
            (_state, _lineage, _position, _changes) = (state, value.Lineage, value.Position, _gossip.Changes);
            return _snapshot;
        }
    }

    /// <summary>Takes what the members tell, and says which version they tell of; -1 for none.</summary>
    public int Observe(ClusterView view)
    {
        lock (_gate)
        {
            _gossip.Observe(view);
            _gossip.Prune(_snapshot); // whoever only watches never reads
            return _gossip.Version;
        }
    }

    /// <summary>Takes a heartbeat from this node's own user, so that its next read shows it.</summary>
    public void Raise(string name, DateTimeOffset time)
    {
        lock (_gate)
        {
            _gossip.Prune(_snapshot); // nor does, perhaps, who only says that its rows are alive
            _gossip.Raise(name, time);
        }
    }

    /// <summary>All rows of before a version were removed, and so were their heartbeats: a row that comes now under the same key is another one.</summary>
    public void Clear(TableVersion version)
    {
        lock (_gate)
        {
            if (IsBefore(_snapshot.Version, version))
            {
                foreach (var row in _snapshot.Rows)
                {
                    _gossip.Forget(row.HeartbeatName);
                }

                (_snapshot, _state, _position) = (new TableSnapshot(version, []), null, Position.Nowhere);
            }
        }
    }

    /// <summary>At the end of their range numbers rise no more.</summary>
    private static bool IsBefore(TableVersion one, TableVersion other) =>
        one.Number < other.Number || (one.Number == other.Number && one.Stamp < other.Stamp);

    /// <summary>The snapshot with other rows under a few keys.</summary>
    private TableSnapshot Patch(TableState state, IReadOnlyCollection<string> touched)
    {
        var rows = _snapshot.Rows.ToBuilder();
        foreach (var key in touched)
        {
            var index = TableSnapshot.Search(rows, key);
            var old = index >= 0 ? rows[index] : null;
            if (!state.Rows.TryGetValue(key, out var stored))
            {
                if (old is not null)
                {
                    _gossip.Forget(old.HeartbeatName);
                    rows.RemoveAt(index);
                }

                continue;
            }

            var row = old is not null && old.Is(stored) ? old : new TableRow(key, stored);
            row = row.With(_gossip.Find(row.HeartbeatName));
            if (old is not null)
            {
                rows[index] = row;
            }
            else
            {
                rows.Insert(~index, row);
            }
        }

        return new TableSnapshot(state.Version, rows.DrainToImmutable());
    }

    /// <summary>Walks the new rows and those of the snapshot before in step, as both are in the order of keys.</summary>
    private TableSnapshot Build(TableState state, Action<string>? removed)
    {
        var olds = _snapshot.Rows;
        var rows = ImmutableArray.CreateBuilder<TableRow>(state.Rows.Count);
        var i = 0;
        foreach (var (key, stored) in state.Rows)
        {
            var order = 1;
            for (; i < olds.Length && (order = string.CompareOrdinal(olds[i].Key, key)) < 0; i++)
            {
                removed?.Invoke(olds[i].HeartbeatName);
            }

            var row = i < olds.Length && order == 0 && olds[i].Is(stored) ? olds[i] : new TableRow(key, stored);
            rows.Add(row.With(_gossip.Find(row.HeartbeatName)));
            i += i < olds.Length && order == 0 ? 1 : 0;
        }

        for (; i < olds.Length; i++)
        {
            removed?.Invoke(olds[i].HeartbeatName);
        }

        return new TableSnapshot(state.Version, rows.MoveToImmutable());
    }
}

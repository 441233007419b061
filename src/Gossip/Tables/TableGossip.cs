namespace Gossip.Tables;

/// <summary>
/// What this node heard about the table by gossip: when rows were last alive, and which version was reached. Times and versions only rise here, so neither the death of the member that told of them nor
/// an old view takes them back. Pure; its owner locks.
/// </summary>
internal sealed class TableGossip
{
    /// <summary>How many times may be kept beyond those of rows, before those that nobody tells of any more are dropped.</summary>
    private const int Slack = 1024;

    private readonly Dictionary<string, long> _times = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private ClusterView? _seen;
    private int _pruneAbove = Slack;

    public TableGossip() => _byText = _times.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The highest version that a member told of; -1 when none did.</summary>
    public int Version { get; private set; } = -1;

    /// <summary>Counts the times that became later.</summary>
    public long Changes { get; private set; }

    public int Count => _times.Count;

    /// <summary>Takes what the members tell in a view. The same view again costs nothing, and of another one only the members that tell something else are looked at.</summary>
    public void Observe(ClusterView view)
    {
        if (ReferenceEquals(view, _seen))
        {
            return;
        }

        var before = _seen?.Members ?? [];
        var i = 0;
        foreach (var member in view.Members)
        {
            while (i < before.Length && before[i].Id.CompareTo(member.Id) < 0)
            {
                i++;
            }

            if (i == before.Length || before[i].Id != member.Id || !ReferenceEquals(before[i].SystemFacts, member.SystemFacts))
            {
                Take(member.SystemFacts);
            }
        }

        _seen = view;
    }

    public void Raise(ReadOnlySpan<char> name, DateTimeOffset time)
    {
        if (!_byText.TryGetValue(name, out var known) || known < time.UtcTicks)
        {
            _byText[name] = time.UtcTicks;
            Changes++;
        }
    }

    public DateTimeOffset? Find(string name) => _times.TryGetValue(name, out var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Forgets a row that was removed.</summary>
    public void Forget(string name) => _times.Remove(name);

    /// <summary>Keeps the times of these rows, and those that members tell of now, for their rows may be new; but only when many others piled up.</summary>
    public void Prune(TableSnapshot table)
    {
        if (_times.Count <= _pruneAbove + table.Rows.Length)
        {
            return;
        }

        var rows = table.Rows.Select(row => (row.HeartbeatName, Time: Find(row.HeartbeatName))).ToArray();
        _times.Clear();
        foreach (var (name, time) in rows)
        {
            if (time is { } known)
            {
                Raise(name, known);
            }
        }

        foreach (var member in _seen?.Members ?? [])
        {
            Take(member.SystemFacts);
        }

        _pruneAbove = Slack + _times.Count; // what members tell of is not looked at again until as much has come
    }

    private void Take(MetadataMap facts)
    {
        foreach (var (key, value) in facts)
        {
            if (key == TableFacts.Version && value.TryGet(out ulong number) && number <= int.MaxValue)
            {
                Version = Math.Max(Version, (int)number);
            }
            else if (key.StartsWith(TableFacts.HeartbeatPrefix, StringComparison.Ordinal) && value.TryGet(out DateTimeOffset time))
            {
                Raise(key.AsSpan(TableFacts.HeartbeatPrefix.Length), time);
            }
        }
    }
}

namespace Gossip.Messaging;

/// <summary>Who else is interested in what: the latest known interests of each life of a member. Guarded by its owner.</summary>
internal sealed class KnownInterests
{
    private readonly TopicTrie<Subscriber> _trie = new();
    private readonly Dictionary<NodeInstance, (ulong Version, Interest[] Interests)> _known = [];
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _turns = new(StringComparer.Ordinal);

    /// <summary>How many lives there is something known of.</summary>
    public int Count => _known.Count;

    /// <summary>Up to which version the interests of a life are known; 0 when nothing is.</summary>
    public ulong VersionOf(NodeInstance life) => _known.GetValueOrDefault(life).Version;

    /// <summary>Takes the interests of a life in the place of those that were known, unless they are older.</summary>
    public void Apply(NodeInstance life, ulong version, Interest[] interests)
    {
        if (version <= VersionOf(life))
        {
            return;
        }

        Drop(life);
        _known.Add(life, (version, interests));
        foreach (var interest in interests)
        {
            _trie.Add(interest.Pattern, new Subscriber(life, interest.Group));
            if (interest.Group is { } group)
            {
                _groups[group] = _groups.GetValueOrDefault(group) + 1;
            }
        }
    }

    /// <summary>Forgets the lives that take no part any more. One that comes back is asked anew.</summary>
    public void Keep(Func<NodeInstance, bool> takesPart)
    {
        foreach (var life in _known.Keys.Where(life => !takesPart(life)).ToArray())
        {
            Drop(life);
        }
    }

    public void Match(string topic, List<Subscriber> found) => _trie.Match(topic, found);

    /// <summary>Counts how often a queue group was asked for; remembered while some other node is in it.</summary>
    public int NextTurn(string group)
    {
        var turn = _turns.GetValueOrDefault(group);
        if (_groups.ContainsKey(group))
        {
            _turns[group] = unchecked(turn + 1);
        }

        return turn;
    }

    private void Drop(NodeInstance life)
    {
        if (!_known.Remove(life, out var known))
        {
            return;
        }

        foreach (var interest in known.Interests)
        {
            _trie.Remove(interest.Pattern, new Subscriber(life, interest.Group));
            if (interest.Group is { } group && --_groups[group] == 0)
            {
                _groups.Remove(group);
                _turns.Remove(group);
            }
        }
    }
}

/// <summary>A node that has a subscription, for itself or as one of a queue group.</summary>
internal readonly record struct Subscriber(NodeInstance Node, string? Group);

namespace Gossip.Messaging;

/// <summary>
/// Values under patterns, level by level, so that finding what matches a topic costs what the topic's levels cost, and not what all patterns would. Patterns and topics are valid already. Not safe for several threads.
/// </summary>
internal sealed class TopicTrie<T>
    where T : notnull
{
    private readonly Level _root = new();

    public bool IsEmpty => _root.IsEmpty;

    public void Add(string pattern, T value)
    {
        var at = _root;
        foreach (var level in pattern.Split(TopicSyntax.Separator))
        {
            if (level == TopicSyntax.AllLevels)
            {
                (at.Rest ??= []).Add(value);
                return;
            }

            at = at.Descend(level);
        }

        (at.Here ??= []).Add(value);
    }

    /// <summary>Takes a value from under a pattern, and with it the levels that nothing else needs; false when it was not there.</summary>
    public bool Remove(string pattern, T value) => Remove(_root, pattern.Split(TopicSyntax.Separator), value);

    /// <summary>Appends the values of all patterns that match a topic.</summary>
    public void Match(ReadOnlySpan<char> topic, List<T> found) => Match(_root, topic, found);

    private static bool Remove(Level at, ReadOnlySpan<string> levels, T value)
    {
        if (levels.IsEmpty)
        {
            return Remove(ref at.Here, value);
        }

        if (levels[0] == TopicSyntax.AllLevels)
        {
            return Remove(ref at.Rest, value);
        }

        if (at.Find(levels[0]) is not { } next || !Remove(next, levels[1..], value))
        {
            return false;
        }

        if (next.IsEmpty)
        {
            at.Drop(levels[0]);
        }

        return true;
    }

    private static bool Remove(ref List<T>? values, T value)
    {
        if (values?.Remove(value) != true)
        {
            return false;
        }

        if (values.Count == 0)
        {
            values = null;
        }

        return true;
    }

    private static void Match(Level at, ReadOnlySpan<char> topic, List<T> found)
    {
        if (at.Rest is not null)
        {
            found.AddRange(at.Rest); // there is at least one level left
        }

        var end = topic.IndexOf(TopicSyntax.Separator);
        var level = end < 0 ? topic : topic[..end];
        Enter(at.Find(level), end < 0 ? default : topic[(end + 1)..], found);
        Enter(at.Any, end < 0 ? default : topic[(end + 1)..], found);
    }

    private static void Enter(Level? next, ReadOnlySpan<char> rest, List<T> found)
    {
        if (next is null)
        {
            return;
        }

        if (!rest.IsEmpty)
        {
            Match(next, rest, found);
        }
        else if (next.Here is not null)
        {
            found.AddRange(next.Here);
        }
    }

    private sealed class Level
    {
        private Dictionary<string, Level>? _named;

        /// <summary>Of patterns that end here.</summary>
        public List<T>? Here;

        /// <summary>Of patterns that stand for all that comes below.</summary>
        public List<T>? Rest;

        public Level? Any { get; private set; }

        public bool IsEmpty => Here is null && Rest is null && Any is null && _named is null;

        public Level? Find(ReadOnlySpan<char> level) =>
            level is TopicSyntax.AnyLevel ? Any
            : _named is not null && _named.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out var next) ? next
            : null;

        public Level Descend(string level)
        {
            if (level == TopicSyntax.AnyLevel)
            {
                return Any ??= new Level();
            }

            _named ??= new Dictionary<string, Level>(StringComparer.Ordinal);
            if (!_named.TryGetValue(level, out var next))
            {
                next = new Level();
                _named.Add(level, next);
            }

            return next;
        }

        public void Drop(string level)
        {
            if (level == TopicSyntax.AnyLevel)
            {
                Any = null;
            }
            else if (_named!.Remove(level) && _named.Count == 0)
            {
                _named = null;
            }
        }
    }
}

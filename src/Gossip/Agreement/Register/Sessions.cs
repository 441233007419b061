using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// The results of the changes that won, as long as their clients may ask again: so a retry gets the true answer instead of losing against itself.
/// Immutable, and part of the value, so that it survives whoever answered first.
/// </summary>
internal sealed class Sessions
{
    /// <summary>How many results one session may keep: a client that waits for more at once is told to wait.</summary>
    public const int MaxOutstanding = 1024;

    /// <summary>By session, in an order that is the same in every process: equal values are equal bytes.</summary>
    private static readonly Comparer<NodeInstance> Order = Comparer<NodeInstance>.Create(
        (a, b) => a.Id != b.Id ? a.Id.CompareTo(b.Id) : a.Generation.CompareTo(b.Generation));

    private readonly ImmutableSortedDictionary<NodeInstance, Session> _sessions;

    private Sessions(ImmutableSortedDictionary<NodeInstance, Session> sessions) => _sessions = sessions;

    public static Sessions None { get; } = new(ImmutableSortedDictionary.Create<NodeInstance, Session>(Order));

    public int Count => _sessions.Count;

    public IEnumerable<KeyValuePair<NodeInstance, Session>> All => _sessions;

    public bool Contains(NodeInstance session) => _sessions.ContainsKey(session);

    /// <summary>What is known of a change: its result, that it is void, or nothing.</summary>
    public Recollection Recall(Change change, out ReadOnlyMemory<byte> result)
    {
        result = default;
        if (change.Id.Sequence < change.FirstOutstanding)
        {
            return Recollection.Void;
        }

        if (!_sessions.TryGetValue(change.Id.Session, out var session))
        {
            return Recollection.None;
        }

        if (change.Id.Sequence < session.FirstOutstanding)
        {
            return Recollection.Void;
        }

        return session.Results.TryGetValue(change.Id.Sequence, out result)
            ? Recollection.Result
            : Math.Max(session.FirstOutstanding, change.FirstOutstanding) + MaxOutstanding <= change.Id.Sequence ? Recollection.TooMany : Recollection.None;
    }

    /// <summary>Remembers a result, and forgets those that the client waits for no more.</summary>
    public Sessions Remember(Change change, ReadOnlyMemory<byte> result)
    {
        var session = _sessions.GetValueOrDefault(change.Id.Session, Session.New);
        var first = Math.Max(session.FirstOutstanding, change.FirstOutstanding);
        var results = session.Results.RemoveRange(session.Results.Keys.TakeWhile(sequence => sequence < first));
        return new Sessions(_sessions.SetItem(change.Id.Session, new Session(first, results.SetItem(change.Id.Sequence, result))));
    }

    public Sessions Forget(NodeInstance session) => new(_sessions.Remove(session));

    /// <summary>Puts back a session that was saved.</summary>
    public Sessions With(NodeInstance id, Session session) => new(_sessions.SetItem(id, session));
}

/// <summary>What is kept for one client.</summary>
/// <param name="FirstOutstanding">The lowest sequence that the client may still ask for.</param>
/// <param name="Results">By sequence.</param>
internal sealed record Session(ulong FirstOutstanding, ImmutableSortedDictionary<ulong, ReadOnlyMemory<byte>> Results)
{
    public static Session New { get; } = new(0, ImmutableSortedDictionary<ulong, ReadOnlyMemory<byte>>.Empty);
}

internal enum Recollection
{
    /// <summary>The change was not applied, as far as the value shows.</summary>
    None,

    /// <summary>It was applied, and this was the result.</summary>
    Result,

    /// <summary>The client gave it up: it must not be applied any more.</summary>
    Void,

    /// <summary>The client waits for too many at once.</summary>
    TooMany,
}

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

    /// <summary>How many bytes one session may keep: results of a table have some twenty, so with <see cref="MaxOutstanding"/> of these it does not come to it.</summary>
    public const int MaxSessionBytes = 64 * 1024;

    /// <summary>
    /// How many bytes all may keep: a value must fit one frame of 4 MiB, of which a table takes 3 MiB, and ten thousand nodes that all write within the time that results are kept take about 700 000. What has been
    /// promised is never dropped for it: who comes when it is full is told to come later, and idle sessions make room.
    /// </summary>
    public const int MaxBytes = 768 * 1024;

    /// <summary>By session, in an order that is the same in every process: equal values are equal bytes.</summary>
    private static readonly Comparer<NodeInstance> Order = Comparer<NodeInstance>.Create(
        (a, b) => a.Id != b.Id ? a.Id.CompareTo(b.Id) : a.Generation.CompareTo(b.Generation));

    private readonly ImmutableSortedDictionary<NodeInstance, Session> _sessions;

    private Sessions(ImmutableSortedDictionary<NodeInstance, Session> sessions, int bytes) => (_sessions, Bytes) = (sessions, bytes);

    public static Sessions None { get; } = new(ImmutableSortedDictionary.Create<NodeInstance, Session>(Order), 0);

    public int Count => _sessions.Count;

    /// <summary>What they take in a value, about.</summary>
    public int Bytes { get; }

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

    /// <summary>Remembers a result, and forgets those that the client waits for no more. False when there is no room for it: then the change must not happen.</summary>
    public bool TryRemember(Change change, ReadOnlyMemory<byte> result, out Sessions after)
    {
        var session = _sessions.GetValueOrDefault(change.Id.Session, Session.New);
        var first = Math.Max(session.FirstOutstanding, change.FirstOutstanding);
        var results = session.Results.RemoveRange(session.Results.Keys.TakeWhile(sequence => sequence < first));
        var next = new Session(first, results.SetItem(change.Id.Sequence, result));
        after = With(change.Id.Session, next);
        return next.Bytes <= MaxSessionBytes && (after.Bytes <= MaxBytes || after.Bytes <= Bytes);
    }

    public Sessions Forget(NodeInstance session) => new(_sessions.Remove(session), Bytes - BytesOf(session));

    /// <summary>Puts a session in the place of what was kept of it.</summary>
    public Sessions With(NodeInstance id, Session session) => new(_sessions.SetItem(id, session), Bytes - BytesOf(id) + session.Bytes);

    private int BytesOf(NodeInstance session) => _sessions.TryGetValue(session, out var known) ? known.Bytes : 0;
}

/// <summary>What is kept for one client.</summary>
/// <param name="FirstOutstanding">The lowest sequence that the client may still ask for.</param>
/// <param name="Results">By sequence.</param>
internal sealed record Session(ulong FirstOutstanding, ImmutableSortedDictionary<ulong, ReadOnlyMemory<byte>> Results)
{
    /// <summary>What the name of a session and its first sequence take.</summary>
    private const int Overhead = 44;

    /// <summary>What a result takes beyond its bytes.</summary>
    private const int ResultOverhead = 10;

    public static Session New { get; } = new(0, ImmutableSortedDictionary<ulong, ReadOnlyMemory<byte>>.Empty);

    public int Bytes { get; } = Overhead + Results.Values.Sum(static result => result.Length + ResultOverhead);
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

namespace Gossip.Agreement;

/// <summary>
/// One look at the acceptors. When a majority holds the same value from the same ballot, that value is chosen, and nothing later was chosen before the look
/// began: a majority would have accepted it, and one of those would have been seen. Nothing is written. Pure.
/// </summary>
internal sealed class QuorumRead
{
    private readonly Dictionary<AcceptorId, Report> _reports = [];
    private readonly HashSet<AcceptorId> _absent = [];
    private readonly RegisterValue? _known;
    private readonly AcceptorId _nearest;
    private readonly ulong _tag;

    private QuorumRead(RegisterId register, Configuration configuration, RegisterValue? known, AcceptorId nearest, ulong tag) =>
        (Register, Configuration, _known, _nearest, _tag) = (register, configuration, known, nearest, tag);

    public RegisterId Register { get; }

    public Configuration Configuration { get; }

    /// <summary>A majority answered, whatever it said.</summary>
    public bool IsAnswered => _reports.Count + _absent.Count >= Configuration.Majority;

    /// <summary>
    /// A majority answered, and does not name the same value: to wait for the others may not help, for they may be dead. Who was never told of the epoch counts, too: only a proposer brings it in.
    /// </summary>
    public bool IsContested => IsAnswered
        && _reports.Values.CountBy(report => (report.Accepted, report.Position)).All(same => same.Value < Configuration.Majority);

    /// <summary>Begins to look.</summary>
    /// <param name="register">The epoch.</param>
    /// <param name="configuration">Who votes there.</param>
    /// <param name="known">The latest value that the reader holds: if it is still the latest, nothing but numbers is sent.</param>
    /// <param name="nearest">Who is asked for what the reader lacks; the others only for numbers.</param>
    /// <param name="tag">Tells the replies from those to other looks.</param>
    /// <param name="requests">What to send.</param>
    public static QuorumRead Begin(RegisterId register, Configuration configuration, RegisterValue? known, AcceptorId nearest, ulong tag, List<AcceptorRequest> requests)
    {
        foreach (var acceptor in configuration.Acceptors)
        {
            requests.Add(new Query(known?.Position ?? Position.Nowhere, acceptor == nearest) { Register = register, To = acceptor, Tag = tag });
        }

        return new QuorumRead(register, configuration, known, nearest, tag);
    }

    /// <summary>Takes a reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="value">The value that was the latest, once that is known.</param>
    public ReadStatus OnReply(AcceptorReply reply, out RegisterValue? value)
    {
        value = null;
        if (reply.Tag != _tag)
        {
            return ReadStatus.Pending;
        }

        if (reply is Moved)
        {
            return ReadStatus.Moved;
        }

        if (reply is Absent absent && Configuration.Contains(absent.To))
        {
            _absent.Add(absent.To);
        }

        if (reply is not Report report || !Configuration.Contains(report.From))
        {
            return ReadStatus.Pending;
        }

        _absent.Remove(report.From);
        _reports[report.From] = report;
        var same = _reports.Values.Count(other => other.Accepted == report.Accepted && other.Position == report.Position);
        if (same >= Configuration.Majority)
        {
            value = Find(report.Position);
            return value is null ? MissingOrPending() : value.Next is null ? ReadStatus.Current : ReadStatus.Moved;
        }

        return _reports.Count == Configuration.Acceptors.Length ? ReadStatus.Undecided : ReadStatus.Pending;
    }

    private ReadStatus MissingOrPending() =>
        _reports.ContainsKey(_nearest) || _reports.Count == Configuration.Acceptors.Length ? ReadStatus.Missing : ReadStatus.Pending;

    private RegisterValue? Find(Position position)
    {
        if (_known?.Position == position)
        {
            return _known;
        }

        foreach (var report in _reports.Values)
        {
            if (report.News is { } news && news.After == position && news.From(_known) is { } value)
            {
                return value;
            }
        }

        return null;
    }
}

/// <summary>What a look at the acceptors has shown.</summary>
internal enum ReadStatus
{
    /// <summary>Not enough have answered.</summary>
    Pending,

    /// <summary>The value is the latest.</summary>
    Current,

    /// <summary>The epoch is over: look at the next one.</summary>
    Moved,

    /// <summary>A change is under way: only a round can tell whether it happened.</summary>
    Undecided,

    /// <summary>The value is chosen, but the one who was asked for it holds another: ask again.</summary>
    Missing,
}

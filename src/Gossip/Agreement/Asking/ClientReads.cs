namespace Gossip.Agreement;

/// <summary>
/// The reads of one node. One look at the acceptors serves all who asked before it began; who comes later waits for the next, because a look says what was
/// current when it began. Pure.
/// </summary>
internal sealed class ClientReads(NodeId self, ClientTiming timing, ClientOutbox outbox)
{
    /// <summary>A time that is always over.</summary>
    private const long AtOnce = 0;

    /// <summary>The tags of reads and those of the proposer on the same node never meet, so a reply's tag says whom it is for.</summary>
    public const ulong FirstTag = 1UL << 63;

    private readonly List<(long Ticket, long Deadline)> _next = [];
    private readonly List<(long Ticket, long Deadline)> _served = [];
    private QuorumRead? _look;
    private ulong _tag = FirstTag;
    private uint _nearest;
    private long _againAt = long.MaxValue;
    private TimeSpan _wait = timing.Patience;
    private bool _confirming;
    private HashSet<AcceptorId> _silent = [];
    private readonly HashSet<AcceptorId> _unreachable = [];

    public RegisterValue? Known { get; private set; }

    /// <summary>In which ballot that was chosen.</summary>
    public Ballot KnownBallot { get; private set; }

    public int Waiting => _next.Count + _served.Count;

    public long NextDeadline
    {
        get
        {
            var next = _againAt;
            foreach (var (_, deadline) in _next)
            {
                next = Math.Min(next, deadline);
            }

            foreach (var (_, deadline) in _served)
            {
                next = Math.Min(next, deadline);
            }

            return next;
        }
    }

    /// <summary>Until when somebody waits for the look that is under way.</summary>
    public long LastDeadline => _served.Count == 0 ? 0 : _served.Max(read => read.Deadline);

    public void Add(long ticket, long deadline) => _next.Add((ticket, deadline));

    /// <summary>Whether a reply is for a read, and not for the proposer of the node.</summary>
    public static bool IsForRead(AcceptorReply reply) => reply.Tag >= FirstTag;

    public bool Asked(ulong tag) => _look is not null && tag == _tag;

    /// <summary>The look took its time, and a majority does not agree.</summary>
    public bool IsContested(long now) => now >= _againAt && _look is { IsContested: true };

    /// <summary>Begins a look if somebody waits for one, or begins it anew in another epoch or after a wait.</summary>
    public void Look(long now, RegisterId register, Configuration configuration)
    {
        var hasLapsed = _look is not null && now >= _againAt;
        var isUnderWay = _look is not null && _look.Register == register && !hasLapsed;
        if (_confirming || isUnderWay || Waiting == 0)
        {
            return;
        }

        if (hasLapsed && _againAt != AtOnce)
        {
            // A far acceptor must get the time to answer: replies to an earlier look say nothing about this one.
            _wait = TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, timing.PatienceMax.Ticks));
        }

        _served.AddRange(_next);
        _next.Clear();
        var own = configuration.Acceptors.FirstOrDefault(acceptor => acceptor.Node == self);
        var nearest = own != default && _look is null ? own : configuration.Acceptors[(int)(_nearest++ % (uint)configuration.Acceptors.Length)];
        _silent = [.. configuration.Acceptors];
        _unreachable.Clear();
        _look = QuorumRead.Begin(register, configuration, Known, nearest, ++_tag, outbox.Requests);
        _againAt = now + _wait.Ticks;
    }

    /// <summary>Takes a reply. True when only a round can tell what is current.</summary>
    public bool OnReply(AcceptorReply reply)
    {
        if (_look is null || reply.Tag != _tag)
        {
            return false;
        }

        _silent.Remove(reply.From);
        switch (_look.OnReply(reply, out var value))
        {
            case ReadStatus.Current when !value!.Lineage.IsNone: // what is not founded yet is not read
                Answer(value, ((Report)reply).Accepted);
                return false;
            case ReadStatus.Undecided:
            case ReadStatus.Moved: // sealed, and the next epoch may wait for somebody to open it
                return true;
            case ReadStatus.Missing:
                _againAt = AtOnce; // another one is asked for the value at once
                return false;
            default:
                return IsContestedByAllThereAre();
        }
    }

    /// <summary>A node cannot be reached: its answer is not waited for. True when only a round can tell what is current.</summary>
    public bool OnUnreachable(NodeId node)
    {
        if (_look is null)
        {
            return false;
        }

        _unreachable.UnionWith(_silent.Where(acceptor => acceptor.Node == node));
        return IsContestedByAllThereAre();
    }

    /// <summary>A round was asked for. Nobody looks meanwhile: who asks from now on may want a later value than the one that the round finds.</summary>
    public void AwaitConfirmation()
    {
        _confirming = true;
        _look = null;
        _againAt = long.MaxValue;
    }

    /// <summary>The round is over, and this is what was chosen by it, if it could be sent. Of another register than the one that is followed it says nothing.</summary>
    public RegisterValue? OnConfirmed(ProposalAnswer answer, RegisterId register)
    {
        _confirming = false;
        if (answer.News?.From(Known) is not { } value || (register.Epoch > 0 && value.Lineage.Incarnation != register.Register))
        {
            return null;
        }

        Answer(value, answer.Ballot);
        return value;
    }

    public void Expire(long now)
    {
        Expire(_next, now);
        Expire(_served, now);
        if (_served.Count == 0)
        {
            Forget();
        }
    }

    public void Stop()
    {
        foreach (var (ticket, _) in _next.Concat(_served))
        {
            outbox.Results.Add(new ClientResult(ticket, ClientStatus.Stopped));
        }

        _next.Clear();
        _served.Clear();
        Forget();
    }

    /// <summary>All who can be reached have answered, so to wait longer shows nothing new. If a majority agrees all the same, it lacks the one who was asked for the value, and another is asked.</summary>
    private bool IsContestedByAllThereAre()
    {
        if (_unreachable.Count == 0 || _look is not { IsAnswered: true } look || !_silent.IsSubsetOf(_unreachable))
        {
            return false;
        }

        _againAt = look.IsContested ? _againAt : AtOnce;
        return look.IsContested;
    }

    private void Answer(RegisterValue value, Ballot ballot)
    {
        (Known, KnownBallot) = (value, ballot);
        foreach (var (ticket, _) in _served)
        {
            outbox.Results.Add(new ClientResult(ticket, ClientStatus.Done, default, value));
        }

        _served.Clear();
        _wait = timing.Patience;
        Forget();
    }

    private void Forget()
    {
        _look = null;
        _confirming = false;
        _againAt = long.MaxValue;
    }

    private void Expire(List<(long Ticket, long Deadline)> reads, long now)
    {
        foreach (var (ticket, deadline) in reads)
        {
            if (deadline <= now)
            {
                outbox.Results.Add(new ClientResult(ticket, ClientStatus.NotSent, default, null, [.. _silent]));
            }
        }

        reads.RemoveAll(read => read.Deadline <= now);
    }
}

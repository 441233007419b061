using Gossip.Node;

namespace Gossip.Agreement;

/// <summary>
/// Has changes decided. It stays in charge once it has a majority's promise, and then decides all that wait in one round of one way there and back;
/// any other may take over at any time, and nothing but speed depends on who does. Pure: its owner carries out what the <see cref="ProposerOutbox"/> says after each call.
/// </summary>
internal sealed partial class Proposer(NodeInstance self, ProposerTiming timing, SeededRandom random, ProposerOutbox outbox)
{
    /// <summary>How many changes may wait.</summary>
    private const int MaxWaiting = 65536;

    private readonly Queue<Submission> _waiting = [];
    private readonly Votes _votes = new();
    private readonly Dictionary<AcceptorId, (Ballot Accepted, RegisterValue Value)> _promises = [];
    private readonly Dictionary<AcceptorId, Position> _held = [];
    private readonly SessionWatch _sessions = new(timing.SessionRetention);
    private readonly History _history = new();
    private RegisterId _register;
    private Configuration? _configuration;
    private RegisterValue? _value;
    private (RegisterValue Value, Ballot Ballot)? _chosen;
    private Phase _phase;
    private Ballot _ballot;
    private ulong _highestRound;
    private ulong _tag;
    private ulong _lastTag;
    private long _now;
    private long _resendAt = long.MaxValue;
    private long _expireAt = long.MaxValue;
    private long _notBefore;
    private TimeSpan _backoff = timing.BackoffMin;
    private NodeInstance _leader;
    private long _leaderHeardAt = long.MinValue;

    private enum Phase
    {
        /// <summary>Has no majority's promise.</summary>
        Idle,

        /// <summary>Asks for promises.</summary>
        Preparing,

        /// <summary>Has them: the next round may begin at once.</summary>
        Leading,

        /// <summary>A round is under way.</summary>
        Accepting,

        /// <summary>The epoch is sealed, and the next one is being opened.</summary>
        Installing,
    }

    public RegisterId Register => _register;

    public Configuration? Configuration => _configuration;

    /// <summary>The last value that this proposer saw chosen.</summary>
    public RegisterValue? Chosen => _chosen?.Value;

    /// <summary>In which ballot.</summary>
    public Ballot ChosenBallot => _chosen?.Ballot ?? Ballot.None;

    public bool IsLeading => _phase is Phase.Leading or Phase.Accepting or Phase.Installing;

    public int Waiting => _waiting.Count + _round.Count;

    /// <summary>Who leaves this proposer's requests without an answer.</summary>
    public Attendance Attendance { get; } = new();

    /// <summary>Somebody waits for a promise of the acceptors.</summary>
    private bool IsWanted => _waiting.Count > 0 || IsReconfiguring;

    public long NextDeadline
    {
        get
        {
            var next = Math.Min(Math.Min(_resendAt, _stageDeadline), _expireAt);
            return _phase == Phase.Idle && IsWanted ? Math.Min(next, Math.Max(_notBefore, _now)) : next;
        }
    }

    /// <summary>Turns to an epoch, if it is later than what is known.</summary>
    /// <param name="now">The time.</param>
    /// <param name="register">The epoch.</param>
    /// <param name="configuration">Who votes there.</param>
    /// <param name="opening">The value that it begins with, if that is known to be chosen.</param>
    public void Follow(long now, RegisterId register, Configuration configuration, RegisterValue? opening)
    {
        _now = now;
        if (_configuration is not null && register.Register == _register.Register && register.Epoch <= _register.Epoch)
        {
            return;
        }

        if (_phase == Phase.Installing && register == _value!.Open().Id(default))
        {
            return; // it is on its way there, and goes on once a majority is
        }

        Requeue();
        (_register, _configuration) = (register, configuration);
        if (register.Epoch == 0)
        {
            _founders = register.Register;
        }

        _chosen = opening is null ? null : (opening, Ballot.None);
        _value = opening ?? _value;
        _held.Clear();
        _behind = null;
        EndReconfiguration(succeeded: false);
        Rest();
        Advance();
    }

    /// <summary>Has a change decided.</summary>
    /// <param name="now">The time.</param>
    /// <param name="ticket">Names this submission in <see cref="ProposerOutbox.Settled"/>.</param>
    /// <param name="change">The change.</param>
    /// <param name="deadline">Until when to try.</param>
    /// <param name="insist">True to take over even from a proposer that was just heard of: because it does not answer.</param>
    public void Submit(long now, long ticket, Change change, long deadline, bool insist)
    {
        _now = now;
        if (_configuration is null)
        {
            Settle(ticket, Verdict.Unfounded);
        }
        else if (Waiting >= MaxWaiting)
        {
            Settle(ticket, Verdict.Busy);
        }
        else if (_phase == Phase.Idle && !insist && _leader != self && _leaderHeardAt + timing.LeaderPatience.Ticks > now)
        {
            outbox.Settled.Add(new Settled(ticket, Verdict.NotLeader, Leader: _leader));
        }
        else
        {
            _waiting.Enqueue(new Submission(ticket, change, deadline));
            _expireAt = Math.Min(_expireAt, deadline);
            Advance();
        }
    }

    /// <summary>Another proposer was heard of: a change goes there first.</summary>
    public void HearOf(long now, Ballot promised)
    {
        _now = now;
        if (promised.Round > _highestRound)
        {
            _highestRound = promised.Round;
            _leader = promised.Proposer;
            _leaderHeardAt = now;
        }
    }

    /// <summary>How who holds <paramref name="held"/> comes to a value that was just decided.</summary>
    public News NewsSince(Position held, RegisterValue value) => _history.Since(held, value);

    /// <summary>Asks an acceptor for a sign of life, when one of its answers may only have been lost.</summary>
    public void Probe(long now, AcceptorId acceptor)
    {
        _now = now;
        Attendance.Asked(acceptor, now);
        outbox.Requests.Add(new Query(_value?.Position ?? Position.Nowhere, WantsNews: false) { Register = _register, To = acceptor });
    }

    public void OnReply(long now, AcceptorReply reply)
    {
        _now = now;
        if (reply is not Absent) // it does not vote, and whether it ever will, its next answer tells
        {
            Attendance.Answered(reply.From);
        }

        switch (reply)
        {
            case Moved moved:
                OnMoved(moved);
                return;
            case Absent { IsOtherStore: true } absent:
                outbox.Lost.Add(absent.To);
                return;
            case Absent absent:
                OnAbsent(absent);
                return;
            case Staged or Report when reply.Tag == _stageTag:
                OnStaged(reply.From);
                return;
            case NeedsBase needs:
                OnNeedsBase(needs);
                return;
        }

        if (reply.Tag != _tag)
        {
            return;
        }

        switch (reply)
        {
            case Promise promise when _phase == Phase.Preparing:
                OnPromise(promise);
                break;
            case Accepted accepted when _phase == Phase.Accepting && accepted.Ballot == _ballot:
                OnAccepted(reply.From);
                break;
            case Rejected rejected when _phase is Phase.Preparing or Phase.Accepting:
                OnRejected(rejected);
                break;
            case Installed when _phase == Phase.Installing:
                OnInstalled(reply.From);
                break;
            case Installed when _phase == Phase.Preparing && _votes.Missing.Contains(reply.From):
                SendPrepare([reply.From]);
                break;
            case Installed when _phase == Phase.Accepting && _votes.Missing.Contains(reply.From):
                SendAccept([reply.From]);
                break;
        }
    }

    public void OnTick(long now)
    {
        _now = now;
        Expire();
        if (now >= _stageDeadline)
        {
            EndReconfiguration(succeeded: false);
        }

        if (now >= _resendAt)
        {
            Resend();
        }

        Advance();
    }

    private void Advance()
    {
        if (_phase == Phase.Idle && IsWanted && _now >= _notBefore)
        {
            BeginPrepare();
        }

        if (_phase == Phase.Leading)
        {
            BeginRound();
        }
    }

    private void BeginPrepare()
    {
        Enter(Phase.Preparing);
        _ballot = new Ballot(++_highestRound, self);
        _promises.Clear();
        _unreachable.Clear();
        _votes.Begin(_configuration!);
        SendPrepare(_votes.Missing);
    }

    private void SendPrepare(IEnumerable<AcceptorId> acceptors)
    {
        foreach (var acceptor in acceptors)
        {
            Send(acceptor, new Prepare(_ballot, _value?.Position ?? Position.Nowhere));
        }

        _resendAt = _now + timing.Resend.Ticks;
    }

    private void OnPromise(Promise promise)
    {
        if (promise.Ballot != _ballot || !_configuration!.Contains(promise.From))
        {
            return;
        }

        if (promise.News.From(_value) is not { } value)
        {
            Send(promise.From, new Prepare(_ballot, Position.Nowhere)); // asks for the whole value
            return;
        }

        _promises[promise.From] = (promise.Accepted, value);
        _votes.Agree(promise.From);
        if (!_votes.IsWon)
        {
            return;
        }

        // What may have been chosen before is what was accepted in the highest ballot: it must be the start of all that follows.
        var highest = Ballot.None;
        foreach (var (acceptor, (accepted, held)) in _promises)
        {
            _held[acceptor] = held.Position;
            if (accepted >= highest)
            {
                (highest, _value) = (accepted, held);
            }
        }

        _leader = self;
        _sessions.Begin(_now);
        _phase = Phase.Leading;
        _resendAt = long.MaxValue;
        BeginRound();
    }

    private void Resend()
    {
        switch (_phase)
        {
            case Phase.Preparing when !IsWanted:
            case Phase.Accepting when _waiting.Count + _round.Count == 0 && !IsReconfiguring:
                Rest(); // nobody waits: whoever comes next asks anew, and settles what was left open
                break;
            case Phase.Preparing or Phase.Accepting when _votes.IsOpposed:
                GiveWay(); // the others may be down: only a higher ballot helps
                break;
            case Phase.Preparing when _promises.Count == 0 && _behind is not null:
                TurnBack();
                break;
            case Phase.Preparing:
                SendPrepare(_votes.Missing);
                break;
            case Phase.Accepting:
                SendAccept(_votes.Missing);
                _resendAt = _now + timing.Resend.Ticks;
                break;
            case Phase.Installing:
                SendInstall(_votes.Missing);
                break;
            case Phase.Leading when !_founding.IsNone && !IsSealDue:
                StageFounders();
                break;
            default:
                _resendAt = long.MaxValue;
                break;
        }
    }

    /// <summary>Stops proposing. Whatever was under way may be decided all the same.</summary>
    private void Rest()
    {
        Enter(Phase.Idle);
        _resendAt = long.MaxValue;
    }

    /// <summary>Replies to what was asked in the phase before are void.</summary>
    private void Enter(Phase phase)
    {
        _phase = phase;
        _tag = ++_lastTag;
    }

    private void Settle(long ticket, Verdict verdict) => outbox.Settled.Add(new Settled(ticket, verdict));

    private void Send(AcceptorId to, AcceptorRequest request)
    {
        Attendance.Asked(to, _now);
        outbox.Requests.Add(request with { Register = _register, To = to, Tag = _tag });
    }
}

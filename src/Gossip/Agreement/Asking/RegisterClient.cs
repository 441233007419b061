using System.Collections.Immutable;
using Gossip.Node;

namespace Gossip.Agreement;

/// <summary>
/// Has changes decided and values read for one node, with or without a seat. A change keeps its name however often and to whomever it is sent, so it happens at most once; it is sent to the
/// proposer that is believed to be in charge, and to the next seat when that does not answer. Pure.
/// </summary>
internal sealed class RegisterClient(NodeInstance self, ClientTiming timing, SeededRandom random, ClientOutbox outbox)
{
    /// <summary>How often a change is sent elsewhere at once before it waits a little: two that name each other, or nodes that are all down, are not asked in a circle.</summary>
    private const int MaxHops = 3;

    private readonly SortedDictionary<ulong, Asked> _asked = [];
    private readonly ClientReads _reads = new(self.Id, timing, outbox);
    private ulong _sequence;
    private NodeId _leader;

    public RegisterId Register { get; private set; }

    public Configuration? Configuration { get; private set; }

    /// <summary>The latest value that this node knows to have been chosen.</summary>
    public RegisterValue? Known => _reads.Known;

    /// <summary>In which ballot.</summary>
    public Ballot KnownBallot => _reads.KnownBallot;

    public int Waiting => _asked.Count + _reads.Waiting;

    /// <summary>Whom a change would be sent to; none while no configuration is known.</summary>
    public NodeId Leader => !_leader.IsNone || Configuration is null ? _leader : Configuration.Acceptors[0].Node;

    public long NextDeadline
    {
        get
        {
            var next = _reads.NextDeadline;
            foreach (var asked in _asked.Values)
            {
                next = Math.Min(next, Math.Min(asked.Deadline, asked.RetryAt));
            }

            return next;
        }
    }

    private ulong FirstOutstanding => _asked.Count == 0 ? _sequence + 1 : _asked.Keys.First();

    /// <summary>Learns who votes. Whatever waits is asked there.</summary>
    public void Follow(long now, RegisterId register, Configuration configuration)
    {
        // A register that is founded is never founded again: word of its founders is late.
        var isOld = Configuration is not null && (register.Register == Register.Register ? register.Epoch <= Register.Epoch : register.Epoch == 0 && Register.Epoch > 0);
        if (isOld)
        {
            return;
        }

        (Register, Configuration) = (register, configuration);
        _leader = default;
        foreach (var asked in _asked.Values)
        {
            Ask(now, asked, insist: false);
        }

        Look(now);
    }

    /// <summary>An answer may be late, and of a register that was succeeded since. Which register to follow only its owner says.</summary>
    private void FollowEpoch(long now, RegisterId register, Configuration configuration)
    {
        if (Register.Epoch == 0 || register.Register == Register.Register)
        {
            Follow(now, register, configuration);
        }
    }

    /// <summary>Has a change decided.</summary>
    public void Change(long now, long ticket, ReadOnlyMemory<byte> body, long deadline) => Begin(now, ticket, body, deadline);

    /// <summary>Reads a value that is no older than this call.</summary>
    public void Read(long now, long ticket, long deadline)
    {
        _reads.Add(ticket, deadline);
        Look(now);
    }

    /// <summary>Takes the answer of a node's proposer.</summary>
    public void OnAnswer(long now, NodeId from, ProposalAnswer answer)
    {
        if (answer.Id.Session != self || !_asked.TryGetValue(answer.Id.Sequence, out var asked))
        {
            return;
        }

        switch (answer.Verdict)
        {
            case Verdict.Decided:
                _leader = from;
                Finish(now, asked, ClientStatus.Done, answer);
                break;
            case Verdict.Void:
                // Its result was forgotten, and to ask again would not bring it back. Only two lives under one name can come to this.
                Finish(now, asked, ClientStatus.Unknown, answer);
                break;
            case var _ when from != asked.Target:
                break; // it is asked elsewhere since
            case Verdict.NotLeader when !answer.Leader.Id.IsNone && answer.Leader.Id != from && asked.Hops++ < MaxHops:
                _leader = answer.Leader.Id;
                Ask(now, asked, insist: false);
                break;
            case Verdict.NotLeader or Verdict.Unfounded:
                Forget(from);
                Pause(now, asked, insistNext: true); // nobody is in charge, so the next seat should be
                break;
            case Verdict.Busy:
                Pause(now, asked, insistNext: false);
                break;
        }
    }

    /// <summary>Takes an acceptor's answer to a look.</summary>
    public void OnReply(long now, AcceptorReply reply)
    {
        if (reply is Moved moved && _reads.Asked(reply.Tag))
        {
            if (!Configuration!.HasSeatOf(reply.From.Node))
            {
                return; // it was not asked
            }

            FollowEpoch(now, moved.Register, moved.Configuration);
            return;
        }

        if (_reads.OnReply(reply))
        {
            Confirm(now);
        }

        Look(now);
    }

    /// <summary>A node cannot be reached: whoever waits for it asks the next one.</summary>
    public void OnUnreachable(long now, NodeId node)
    {
        Forget(node);
        foreach (var asked in _asked.Values)
        {
            if (asked.Target == node && asked.Hops++ < MaxHops)
            {
                Ask(now, asked, insist: true);
            }
        }

        if (_reads.OnUnreachable(node))
        {
            Confirm(now);
        }

        Look(now);
    }

    public void OnTick(long now)
    {
        foreach (var asked in _asked.Values.ToArray())
        {
            if (asked.Deadline <= now)
            {
                End(asked, asked.IsSent ? ClientStatus.Unknown : ClientStatus.NotSent);
            }
            else if (asked.RetryAt <= now)
            {
                Again(now, asked);
            }
        }

        _reads.Expire(now);
        if (_reads.IsContested(now))
        {
            Confirm(now);
        }

        Look(now);
    }

    /// <summary>Ends all that waits.</summary>
    public void Stop()
    {
        foreach (var asked in _asked.Values.ToArray())
        {
            End(asked, asked.IsSent ? ClientStatus.Abandoned : ClientStatus.Stopped);
        }

        _reads.Stop();
    }

    private void Look(long now)
    {
        if (Configuration is not null)
        {
            _reads.Look(now, Register, Configuration);
        }
    }

    /// <summary>Only a round can tell whether the change that is under way happens.</summary>
    private void Confirm(long now)
    {
        Begin(now, ticket: 0, default, _reads.LastDeadline);
        _reads.AwaitConfirmation();
    }

    private void Begin(long now, long ticket, ReadOnlyMemory<byte> body, long deadline)
    {
        var asked = new Asked(new ChangeId(self, ++_sequence), body, ticket, deadline) { Wait = timing.Patience };
        _asked.Add(asked.Id.Sequence, asked);
        Ask(now, asked, insist: false);
    }

    private void Finish(long now, Asked asked, ClientStatus status, ProposalAnswer answer)
    {
        End(asked, status, answer.Result);
        if (asked.Ticket == 0)
        {
            if (_reads.OnConfirmed(answer, Register) is { Configuration: { Epoch: > 0 } configuration } value)
            {
                FollowEpoch(now, value.Id(default), configuration);
            }

            Look(now);
        }
    }

    private void End(Asked asked, ClientStatus status, ReadOnlyMemory<byte> result = default)
    {
        _asked.Remove(asked.Id.Sequence);
        if (asked.Ticket != 0)
        {
            outbox.Results.Add(new ClientResult(asked.Ticket, status, result, WasBusy: asked is { IsPausing: true, InsistNext: false }));
        }
    }

    /// <summary>The wait is over: for an answer that did not come, or after one that said "later".</summary>
    private void Again(long now, Asked asked)
    {
        asked.Hops = 0;
        if (!asked.IsPausing)
        {
            Forget(asked.Target);
            asked.Wait = TimeSpan.FromTicks(Math.Min(asked.Wait.Ticks * 2, timing.PatienceMax.Ticks));
        }

        Ask(now, asked, asked.InsistNext);
    }

    private void Pause(long now, Asked asked, bool insistNext)
    {
        asked.IsPausing = true;
        asked.InsistNext = insistNext;
        asked.RetryAt = now + timing.BusyDelay.Ticks + random.NextTicks(timing.BusyDelay.Ticks);
    }

    private void Ask(long now, Asked asked, bool insist)
    {
        if (Configuration is null || asked.Deadline <= now)
        {
            asked.RetryAt = asked.Deadline; // nobody is known yet: to learn of somebody asks
            return;
        }

        asked.Target = Choose(asked, insist);
        asked.IsSent = true;
        asked.IsPausing = false;
        asked.InsistNext = true;
        asked.RetryAt = now + asked.Wait.Ticks + random.NextTicks(asked.Wait.Ticks / 2);
        var change = new Change(asked.Id, FirstOutstanding, asked.Body);
        var known = asked.Ticket == 0 && Known is { } value ? value.Position : Position.Nowhere;
        outbox.Proposals.Add((asked.Target, new Proposal(change, TimeSpan.FromTicks(asked.Deadline - now), insist, known)));
    }

    private void Forget(NodeId node)
    {
        if (_leader == node)
        {
            _leader = default;
        }
    }

    /// <summary>The proposer that is believed to be in charge; if it is to be passed over, the seat after the one asked last, so that all are asked in turn.</summary>
    private NodeId Choose(Asked asked, bool insist)
    {
        ImmutableArray<AcceptorId> seats = Configuration!.Acceptors;
        if (!insist && !_leader.IsNone)
        {
            return _leader;
        }

        var last = insist ? asked.Target : default;
        for (var i = 0; i < seats.Length; i++)
        {
            if (seats[i].Node == last)
            {
                return seats[(i + 1) % seats.Length].Node;
            }
        }

        return seats[0].Node;
    }

    /// <summary>A change that waits. Ticket 0 is the client's own, which only asks what is current.</summary>
    private sealed class Asked(ChangeId id, ReadOnlyMemory<byte> body, long ticket, long deadline)
    {
        public ChangeId Id { get; } = id;

        public ReadOnlyMemory<byte> Body { get; } = body;

        public long Ticket { get; } = ticket;

        public long Deadline { get; } = deadline;

        public NodeId Target { get; set; }

        public bool IsSent { get; set; }

        /// <summary>It was answered "later", and is with nobody now.</summary>
        public bool IsPausing { get; set; }

        public bool InsistNext { get; set; }

        public long RetryAt { get; set; }

        /// <summary>How long the one asked next may take to answer.</summary>
        public TimeSpan Wait { get; set; }

        /// <summary>How often it was sent elsewhere since it last waited.</summary>
        public int Hops { get; set; }
    }
}

using System.Collections.Immutable;
using Gossip.Node;

namespace Gossip.Agreement;

/// <summary>
/// Has changes decided and values read for one node, with or without a seat. A change keeps its name however often and to whomever it is sent, so it happens at most once; it is sent to the
/// proposer that is believed to be in charge, and to the next seat when that does not answer. Pure.
/// </summary>
internal sealed class RegisterClient(NodeInstance self, ClientTiming timing, SeededRandom random, ClientOutbox outbox)
{
    /// <summary>How often an answer may name another proposer before the client waits a little: two that name each other are not asked in a circle.</summary>
    private const int MaxHops = 3;

    private readonly SortedDictionary<ulong, Asked> _asked = [];
    private readonly ClientReads _reads = new(outbox);
    private ulong _sequence;
    private NodeId _leader;

    public RegisterId Register { get; private set; }

    public Configuration? Configuration { get; private set; }

    /// <summary>The latest value that this node knows to have been chosen.</summary>
    public RegisterValue? Known => _reads.Known;

    public int Waiting => _asked.Count + _reads.Waiting;

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
        if (Configuration is not null && register.Register == Register.Register && register.Epoch <= Register.Epoch)
        {
            return;
        }

        (Register, Configuration) = (register, configuration);
        _leader = default;
        foreach (var asked in _asked.Values.ToArray())
        {
            Ask(now, asked, insist: false);
        }

        Look(now);
    }

    /// <summary>Has a change decided.</summary>
    public void Change(long now, long ticket, ReadOnlyMemory<byte> body, long deadline)
    {
        var asked = new Asked(new ChangeId(self, ++_sequence), body, ticket, deadline) { Wait = timing.Patience };
        _asked.Add(asked.Id.Sequence, asked);
        Ask(now, asked, insist: false);
    }

    /// <summary>Reads a value that is no older than this call.</summary>
    public void Read(long now, long ticket, long deadline)
    {
        _reads.Add(ticket, deadline);
        Look(now);
    }

    /// <summary>Takes a proposer's answer.</summary>
    public void OnAnswer(long now, ProposalAnswer answer)
    {
        if (answer.Id.Session != self || !_asked.TryGetValue(answer.Id.Sequence, out var asked))
        {
            return;
        }

        switch (answer.Verdict)
        {
            case Verdict.Decided:
                _leader = asked.Target;
                Finish(now, asked, answer);
                break;
            case Verdict.NotLeader when asked.Hops++ < MaxHops:
                _leader = answer.Leader.Id;
                Ask(now, asked, insist: false);
                break;
            case Verdict.TimedOut:
                break; // its own wait decides
            default:
                asked.Hops = 0;
                asked.RetryAt = now + timing.BusyDelay.Ticks + random.NextTicks(timing.BusyDelay.Ticks);
                asked.InsistNext = false;
                break;
        }
    }

    /// <summary>Takes an acceptor's answer to a look.</summary>
    public void OnReply(long now, AcceptorReply reply)
    {
        if (reply is Moved moved && _reads.Asked(reply.Tag))
        {
            Follow(now, moved.Register, moved.Configuration);
            return;
        }

        if (_reads.OnReply(reply))
        {
            // Only a round can tell whether the change that is under way happens.
            Confirm(now);
        }
    }

    /// <summary>A node cannot be reached: whoever waits for it asks the next one.</summary>
    public void OnUnreachable(long now, NodeId node)
    {
        if (_leader == node)
        {
            _leader = default;
        }

        foreach (var asked in _asked.Values.Where(asked => asked.Target == node && asked.IsSent).ToArray())
        {
            Ask(now, asked, insist: true);
        }
    }

    public void OnTick(long now)
    {
        foreach (var asked in _asked.Values.ToArray())
        {
            if (asked.Deadline <= now)
            {
                _asked.Remove(asked.Id.Sequence);
                if (asked.Ticket != 0)
                {
                    outbox.Results.Add(new ClientResult(asked.Ticket, asked.IsSent ? ClientStatus.Unknown : ClientStatus.NotSent));
                }
            }
            else if (asked.RetryAt <= now)
            {
                Ask(now, asked, asked.InsistNext);
            }
        }

        _reads.Expire(now);
        Look(now);
    }

    /// <summary>Ends all that waits.</summary>
    public void Stop()
    {
        foreach (var asked in _asked.Values.Where(asked => asked.Ticket != 0))
        {
            outbox.Results.Add(new ClientResult(asked.Ticket, ClientStatus.Stopped));
        }

        _asked.Clear();
        _reads.Stop();
    }

    private void Look(long now)
    {
        if (Configuration is not null)
        {
            _reads.Look(now, Register, Configuration, self.Id, timing);
        }
    }

    private void Confirm(long now)
    {
        if (_asked.Values.Any(asked => asked.Ticket == 0))
        {
            return;
        }

        var deadline = _reads.LastDeadline;
        var asked = new Asked(new ChangeId(self, ++_sequence), default, ticket: 0, deadline) { Wait = timing.Patience };
        _asked.Add(asked.Id.Sequence, asked);
        _reads.AwaitConfirmation();
        Ask(now, asked, insist: false);
    }

    private void Finish(long now, Asked asked, ProposalAnswer answer)
    {
        _asked.Remove(asked.Id.Sequence);
        if (asked.Ticket != 0)
        {
            outbox.Results.Add(new ClientResult(asked.Ticket, ClientStatus.Done, answer.Result));
        }
        else
        {
            _reads.OnConfirmed(answer.News);
            Look(now);
        }
    }

    private void Ask(long now, Asked asked, bool insist)
    {
        if (Configuration is null)
        {
            asked.RetryAt = asked.Deadline; // nobody is known yet: to learn of somebody asks
            return;
        }

        asked.Target = Choose(asked, insist);
        asked.IsSent = true;
        asked.InsistNext = true;
        asked.RetryAt = now + asked.Wait.Ticks + random.NextTicks(asked.Wait.Ticks / 2);
        asked.Wait = TimeSpan.FromTicks(Math.Min(asked.Wait.Ticks * 2, timing.PatienceMax.Ticks));
        var change = new Change(asked.Id, FirstOutstanding, asked.Body);
        outbox.Proposals.Add(new Proposal(asked.Target, change, TimeSpan.FromTicks(asked.Deadline - now), insist, asked.Ticket == 0 ? Known?.Position ?? Position.Nowhere : Position.Nowhere));
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

        public bool InsistNext { get; set; }

        public long RetryAt { get; set; }

        public TimeSpan Wait { get; set; }

        public int Hops { get; set; }
    }
}

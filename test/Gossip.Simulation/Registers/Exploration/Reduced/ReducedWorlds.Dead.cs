using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <content>What makes no difference any more.</content>
internal sealed partial class ReducedWorlds
{
    private const int Gone = int.MinValue;

    private readonly long _lastEpoch;
    private readonly List<ProposerFacts> _proposerFacts = [];
    private readonly Dictionary<(int Chosen, int Kept), int> _kept = [];
    private readonly Dictionary<int, UInt128> _leftKeys = [];
    private readonly UInt128[] _sums;
    private RequestFacts[] _requestFacts = [];
    private AcceptorFacts[] _acceptorFacts = [];
    private int _knownRequests;
    private int _knownAcceptors;

    private ref readonly RequestFacts Facts(int request)
    {
        while (_knownRequests <= request)
        {
            var number = _knownRequests++;
            var sent = _steps.Requests[number];
            var past = Has(Reductions.DeadMessages) ? sent.Past() : sent with { Belongs = Belonging.Past };
            var facts = new RequestFacts(sent, _steps.Requests.Add(past), _steps.Requests.Add(sent.Probe()), _steps.Requests.Add(sent with { IsSpent = true }));
            if (number >= _requestFacts.Length)
            {
                Array.Resize(ref _requestFacts, Math.Max(16, number * 2));
            }

            _requestFacts[number] = facts;
        }

        return ref _requestFacts[request];
    }

    private ProposerFacts ProposerAt(int at) => ProposerOf(_next[at]);

    private ref readonly AcceptorFacts AcceptorOf(int acceptor)
    {
        while (_knownAcceptors <= acceptor)
        {
            var number = _knownAcceptors++;
            if (number >= _acceptorFacts.Length)
            {
                Array.Resize(ref _acceptorFacts, Math.Max(16, number * 2));
            }

            _acceptorFacts[number] = new AcceptorFacts(_steps.Acceptors[number]);
        }

        return ref _acceptorFacts[acceptor];
    }

    private ProposerFacts ProposerOf(int proposer)
    {
        while (_proposerFacts.Count <= proposer)
        {
            _proposerFacts.Add(new ProposerFacts(_steps.Proposers[_proposerFacts.Count], _bounds.Operations));
        }

        return _proposerFacts[proposer];
    }

    private void DropDeadMessages()
    {
        while (DropSomeDeadMessages())
        {
            // without those, others may be dead, too
        }
    }

    private bool DropSomeDeadMessages()
    {
        var count = _next.Count;
        var kept = _firstMessage;
        for (var i = _firstMessage; i < _next.Count; i++)
        {
            var message = _next[i];
            if (message != Gone && (message >= 0 ? IsAlive(ref message, kept) : IsAlive(_steps.Replies[~message], message, kept)))
            {
                _next[kept++] = message;
            }
        }

        _next.RemoveRange(kept, _next.Count - kept);
        return kept < count;
    }

    /// <summary>
    /// A request that belongs to nothing, and that its acceptor answers without a change, and in a way that its proposer ignores by the tag, stays so: within an epoch an acceptor's promise
    /// only rises, and what it accepted last is in no ballot above it, so a ballot that is too low, or that was promised, or accepted, is never news again; an installation
    /// that it knows it will always know. Only the end of the epoch brings another answer. So all of these are the same probe, and one is enough; none is needed for a proposer that
    /// is in the last epoch, or has nothing left to do.
    /// </summary>
    private bool IsAlive(ref int message, int kept)
    {
        var left = Left.Of(_next[LeftAt]);
        ref readonly var sent = ref Facts(message);
        if (sent.IsSpent && left.Duplicates == 0)
        {
            return false;
        }

        var proposer = ProposerAt(_firstProposer + sent.Proposer);
        if ((sent.Belongs == Belonging.Phase && proposer.IsResting) || (sent.Belongs == Belonging.Staging && !proposer.IsStaging))
        {
            message = sent.Past; // whatever the proposer does next begins with another tag
            sent = ref Facts(message);
        }

        var acceptor = _next[FirstAcceptor + sent.Acceptor];
        var handled = _steps.Handle(acceptor, message);
        var isVoid = sent.Belongs == Belonging.Past && handled.IsTagged && (handled.Acceptor == acceptor || (sent.IsPrepare && IsLowest(sent.Acceptor, sent.Ballot, message)));
        isVoid |= IsRetired(sent.Acceptor) && IsForRetired(sent) && !(sent.IsAccept && MayStillCount(handled));
        if (!handled.IsMoved && !isVoid)
        {
            return !sent.IsRead || !Has(Reductions.Blocks) || sent.Belongs == Belonging.Staging;
        }

        if (Has(Reductions.FreeNews))
        {
            return false;
        }

        message = sent.Probe;
        return _lastEpoch > 1
            && (_bounds.Ticks > 0 || proposer.Epoch < _lastEpoch)
            && !IsDone(sent.Proposer, proposer)
            && _next.IndexOf(message, _firstMessage, kept - _firstMessage) < 0
            && (!sent.IsSpent || _next.IndexOf(_steps.Requests.Add(_steps.Requests[message] with { IsSpent = false }), _firstMessage) < 0);
    }

    /// <summary>
    /// Whether nobody looks at what an acceptor says in its epoch any more: all proposers have nothing left to do, or are in a later one and do not turn back. What comes to it matters only if it may
    /// still make a majority; what it holds does not, unless there is such a request.
    /// </summary>
    private bool IsRetired(int acceptor)
    {
        if (!Has(Reductions.Retired) || _bounds.Ticks > 0)
        {
            return false;
        }

        var epoch = AcceptorOf(_next[FirstAcceptor + acceptor]).Epoch;
        for (var i = 0; i < _bounds.Proposers; i++)
        {
            var proposer = ProposerAt(_firstProposer + i);
            if (proposer.Epoch <= epoch && !IsDone(i, proposer))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsForRetired(in RequestFacts sent) => sent.Epoch <= AcceptorOf(_next[FirstAcceptor + sent.Acceptor]).Epoch;

    private bool MayStillCount(Handled handled) =>
        !handled.IsTagged || (handled.Vote >= 0 && !_steps.Values.IsIn(_steps.Vote(handled.Vote).Value, _steps.Chosen[_next[ChosenAt]].Latest));

    private bool IsDone(int index, ProposerFacts proposer) => proposer.IsDone && (index > 0 || proposer.IsIdle || Left.Of(_next[LeftAt]).Reconfigurations == 0);

    /// <summary>
    /// Whether nobody can come to an acceptor with a ballot below one: no request with a lower one is under way that would change something or whose answer somebody looks at, and
    /// no proposer that will send another has or takes one. Then it makes no difference whether the acceptor promised that ballot or a lower one: all that still comes is answered alike.
    /// </summary>
    private bool IsLowest(int acceptor, Ballot ballot, int except)
    {
        for (var i = 0; i < _bounds.Proposers; i++)
        {
            var proposer = ProposerAt(_firstProposer + i);
            if (proposer.Lowest < ballot && !IsDone(i, proposer))
            {
                return false;
            }
        }

        for (var i = _firstMessage; i < _next.Count; i++)
        {
            var message = _next[i];
            if (message < 0 || message == except)
            {
                continue;
            }

            ref readonly var other = ref Facts(message);
            if (other.Acceptor == acceptor && (other.IsAccept || other.IsPrepare) && other.Ballot < ballot
                && (other.Belongs == Belonging.Phase || _steps.Handle(_next[FirstAcceptor + acceptor], message) is var handled && (handled.Acceptor != _next[FirstAcceptor + acceptor] || !handled.IsTagged)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A reply that is compared with the tag is void in any phase but its own, and a tag never comes back.</summary>
    private bool IsAlive(SentReply sent, int message, int kept)
    {
        var proposer = ProposerAt(_firstProposer + sent.Proposer);
        var isAlive = sent.Reply switch
        {
            Promise => sent.Belongs == Belonging.Phase && proposer.IsPreparing,
            Accepted => sent.Belongs == Belonging.Phase && proposer.IsAccepting,
            Rejected => sent.Belongs == Belonging.Phase && (proposer.IsPreparing || proposer.IsAccepting),
            Installed => sent.Belongs == Belonging.Phase && !proposer.IsResting,
            Staged or Agreement.Report => sent.Belongs == Belonging.Staging && proposer.IsStaging,
            NeedsBase or Moved => !IsDone(sent.Proposer, proposer),
            _ => true,
        };
        return isAlive && !(sent.IsIdempotent && _next.IndexOf(message, _firstMessage, kept - _firstMessage) >= 0);
    }

    /// <summary>
    /// A vote of the first epoch counts only as long as another one for the same may come: while a request to accept it is under way, or its proposer may send one.
    /// In a later epoch also an installation may bring one, so votes are kept.
    /// </summary>
    private void DropDeadVotes()
    {
        var chosen = _steps.Chosen[_next[ChosenAt]];
        if (chosen.Open.Length == 0)
        {
            return;
        }

        var kept = 0;
        for (var i = 0; i < chosen.Open.Length; i++)
        {
            var vote = chosen.Open[i];
            kept |= vote.Value.Configuration.Epoch > 1 || IsAwaited(vote.Ballot) ? 1 << i : 0;
        }

        if (kept == (1 << chosen.Open.Length) - 1)
        {
            return;
        }

        if (!_kept.TryGetValue((_next[ChosenAt], kept), out var number))
        {
            number = _kept[(_next[ChosenAt], kept)] = _steps.Chosen.Add(chosen with { Open = [.. chosen.Open.Where((_, i) => (kept & (1 << i)) != 0)] });
        }

        _next[ChosenAt] = number;
    }

    private bool IsAwaited(Ballot ballot)
    {
        for (var i = _firstProposer; i < _firstMessage; i++)
        {
            if (ProposerAt(i) is { IsAccepting: true } facts && facts.Ballot == ballot)
            {
                return true;
            }
        }

        for (var i = _firstMessage; i < _next.Count; i++)
        {
            if (_next[i] >= 0 && Facts(_next[i]) is { IsAccept: true } facts && facts.Ballot == ballot)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasRequests(int acceptor)
    {
        for (var i = _firstMessage; i < _next.Count; i++)
        {
            if (_next[i] >= 0 && Facts(_next[i]) is var facts && facts.Acceptor == acceptor && IsForRetired(facts))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The sum of the keys of all parts, by the names that make it the least.</summary>
    private UInt128 Fingerprint()
    {
        Array.Clear(_sums);
        Add(_steps.Chosen.Keys(_next[ChosenAt]));
        for (var i = FirstAcceptor; i < _firstProposer; i++)
        {
            Add(IsRetired(i - FirstAcceptor) && !HasRequests(i - FirstAcceptor) ? _steps.RetiredKeys(_next[i])
                : Has(Reductions.Promises) && IsLowest(i - FirstAcceptor, AcceptorOf(_next[i]).Promised, Gone) ? _steps.UnpromisedKeys(_next[i])
                : _steps.Acceptors.Keys(_next[i]));
        }

        for (var i = _firstProposer; i < _firstMessage; i++)
        {
            Add(_steps.Proposers.Keys(_next[i]));
        }

        for (var i = _firstMessage; i < _next.Count; i++)
        {
            Add(_next[i] >= 0 ? _steps.Requests.Keys(_next[i]) : _steps.Replies.Keys(~_next[i]));
        }

        var least = _sums[0];
        foreach (var sum in _sums)
        {
            least = sum < least ? sum : least;
        }

        if (!_leftKeys.TryGetValue(_next[LeftAt], out var left))
        {
            left = _leftKeys[_next[LeftAt]] = _steps.KeyOf(Left.Of(_next[LeftAt]));
        }

        return least + left;
    }

    private void Add(ReadOnlySpan<UInt128> keys)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += keys[i];
        }
    }
}

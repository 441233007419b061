namespace Gossip.Agreement;

/// <content>
/// When the register can never decide anything again: a successor is founded with the best that anybody holds of it. By the founders, once the loss is proven; by one node, when its operator says so.
/// </content>
internal sealed partial class AgreementEngine
{
    private readonly LossWatch _loss;
    private readonly HashSet<Guid> _rivals = [];
    private Foundation? _succession;
    private HeritageSearch? _heritage;
    private RegisterValue? _lastHeld;
    private long _heldSince;
    private long _height;
    private ulong _lastSearch;

    /// <summary>Who founds: the first register, or the successor of one that is lost.</summary>
    private Foundation Founders => _succession ?? _foundation;

    /// <summary>This node's store votes for a successor of the register that the node still belongs to.</summary>
    private bool IsPledged => _acceptor.Value?.Configuration.Epoch == 0 && !Lineage.IsNone && _acceptor.Register.Register == SuccessorListId(Lineage.Incarnation);

    /// <summary>This node's store votes for a successor of the node's register, or in one already, founded by whomever: it does not vote in that one any more.</summary>
    private bool HasGivenUp => IsPledged || (!Lineage.IsNone && _acceptor.Value is { } held
        && (held.Configuration.Epoch == 0 ? _acceptor.Before?.Lineage.Incarnation == Lineage.Incarnation : held.Lineage.Succeeds(Lineage)));

    /// <summary>The latest that this node holds of a register, chosen or only accepted, and in which ballot.</summary>
    private (RegisterValue? Value, Ballot Ballot) Held(Guid incarnation)
    {
        (RegisterValue? Value, Ballot Ballot) best = default;
        ReadOnlySpan<(RegisterValue? Value, Ballot Ballot)> all =
        [
            (_acceptor.Value, _acceptor.AcceptedBallot),
            (_acceptor.Before, _acceptor.BeforeBallot),
            (_acceptor.Staged, _acceptor.StagedBallot),
            (_proposer.Chosen, _proposer.ChosenBallot),
            (_client.Known, _client.KnownBallot),
        ];
        foreach (var (value, ballot) in all)
        {
            if (value is { Configuration.Epoch: > 0 } && value.Lineage.Incarnation == incarnation && (best.Value is null || Rank(value, ballot).CompareTo(Rank(best.Value, best.Ballot)) > 0))
            {
                best = (value, ballot);
            }
        }

        return best;

        static (long Epoch, Ballot Ballot, long Revision) Rank(RegisterValue value, Ballot ballot) => (value.Configuration.Epoch, ballot, value.Position.Revision);
    }

    private Guid SuccessorListId(Guid parent) => Foundation.ListOf(_setup, parent)?.Id ?? Guid.Empty;

    /// <summary>What this node can tell of a register.</summary>
    private Testimony Testify(long now, Guid incarnation, bool withValue)
    {
        var (held, ballot) = Held(incarnation);
        var configuration = Lineage.Incarnation == incarnation ? Configuration : held?.Configuration;
        return new Testimony(
            held?.Id(default) ?? default,
            ballot,
            held?.Position ?? Position.Nowhere,
            Math.Max(_height, held?.State.Height ?? 0),
            TimeSpan.FromTicks(Math.Max(now - _heldSince, 0)),
            configuration,
            withValue ? held : null)
        {
            From = _setup.Acceptor,
        };
    }

    private void OnInquiry(long now, NodeInstance from, Inquiry inquiry) =>
        _outbox.Replies.Add(new GatedReply(from, Testify(now, inquiry.Register.Register, inquiry.WantsValue) with { Tag = inquiry.Tag }, null, null));

    private void OnTestimony(long now, Testimony testimony)
    {
        foreach (var search in new[] { _heritage, _survey?.Search })
        {
            if (search?.OnReply(testimony) == true && search.Incarnation == Lineage.Incarnation && testimony.Configuration is { } configuration)
            {
                Follow(now, Lineage, configuration, _peers.GetValueOrDefault(testimony.From.Node)); // whoever knows of later acceptors ends the succession, even if it holds nothing of them
            }
        }

        _lookAt = Math.Min(_lookAt, now);
    }

    /// <summary>Looks whether the register is lost. Every node does: whoever knows who voted tells it then, for the founders may have forgotten.</summary>
    private void LookForLoss(long now)
    {
        if (Configuration is not { } configuration || Lineage.IsNone)
        {
            return;
        }

        // What was settled for an epoch is not for a later one; and a majority that is here proves all proofs wrong.
        var isSettled = IsPledged && _acceptor.Before is { } before && before.Lineage.Incarnation == Lineage.Incarnation && before.Configuration.Epoch == configuration.Epoch && !IsQuorate;
        var loss = Loss.Of(configuration, Lineage.Incarnation, _setup.Acceptor, _peers);
        if (_loss.Look(now, Lineage.Incarnation, loss, isSettled))
        {
            _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Lost, $"{Lineage}, {configuration}: gone for good are {string.Join(", ", loss.Gone)}"));
            _lookAt = now;
        }

        if (!_loss.IsSettled)
        {
            (_succession, _heritage) = (null, null);
            return;
        }

        _succession ??= new Foundation(_setup, _setup.FoundingTiming, Lineage);
    }

    private void LookForSuccessor(long now)
    {
        if (_succession is not { } succession)
        {
            return;
        }

        var isBound = succession.List is { } founders && _acceptor.Register == new RegisterId(founders.Id, 0);
        var step = succession.Look(now, _peers.Values, isBound, out var seats);
        _heritage = step == FoundingStep.Found ? _heritage : null; // what is asked for later may be told by more
        switch (step)
        {
            case FoundingStep.Bind when _keeper.OffersSeat && !(MayVoteForSuccessor && TryBind(now, succession.List!, succession.OwnSeat, Lineage)):
                succession.Refuse("it voted on another list of those who found a successor, which may still be founded, so it must not vote on this one");
                break;
            case FoundingStep.Found when !_proposer.IsReconfiguring && isBound && _keeper.OffersSeat:
                _heritage ??= new HeritageSearch(Lineage.Incarnation, ++_lastSearch, _setup.SuccessionTiming, Testify(now, Lineage.Incarnation, withValue: true));
                if (_heritage.Look(now, _peers.Values, _outbox.Requests, fetch: true) is { } best)
                {
                    _proposer.Follow(now, _acceptor.Register, _acceptor.Value!.Configuration, null); // it may have been turned to a later epoch of the lost one
                    _proposer.Found(now, Child(), seats, Inherit(best, _heritage.Height));
                    _heritage = null; // should that fail, those are asked who came back meanwhile
                }

                break;
        }
    }

    /// <summary>
    /// A store that voted on another list may not come back to one: it would have forgotten what it promised there. It leaves none but those that are known to be over: the founders of the
    /// register that is lost, and of those before it.
    /// </summary>
    private bool MayVoteForSuccessor => _acceptor.Value is null || _acceptor.Register.Epoch > 0 || (_acceptor.PromisedBallot == Ballot.None && _recovery is null)
        || _acceptor.Register.Register == _foundation.List?.Id
        || (Lineage.Parent != Guid.Empty && _acceptor.Register.Register == SuccessorListId(Lineage.Parent));

    private Lineage Child() => new(NextGuid(), Lineage.Incarnation, Lineage.Ordinal + 1);

    private Heritage Inherit(Testimony best, long height)
    {
        var state = best.Value?.State ?? _setup.Format.Empty;
        return new Heritage(best.Value?.Sessions ?? Sessions.None, state.Succeed(height), best.Value is null ? "nothing" : $"{best.Position} of epoch {best.Register.Epoch}, held by {best.From}");
    }

    private bool TryBind(long now, FoundingList list, AcceptorId seat, Lineage lost)
    {
        if (_acceptor.Bind(list.Id, seat, RegisterValue.Unfounded(list.Configuration, _setup.Format.Empty), lost) is not { } record)
        {
            return false;
        }

        _outbox.Replies.Add(new GatedReply(default, null, record, _acceptor.Checkpoint()));
        FollowAcceptor(now);
        _lookAt = now;
        return true;
    }

    /// <summary>Whether a majority of those who vote is here and serves this node's register.</summary>
    private bool IsQuorate => Configuration is { } configuration && !Lineage.IsNone && Loss.IsQuorate(configuration, Lineage, IsRetired || HasGivenUp ? default : _setup.Acceptor, _peers);

    /// <summary>
    /// Another register than this node's was heard of. Whoever belongs to one that has its majority stays; whoever does not follows the successor. Two successors of one register never merge.
    /// </summary>
    /// <returns>True to follow it.</returns>
    private bool MayFollow(Lineage lineage, AgreementPeer? source)
    {
        var succeeds = lineage.Succeeds(Lineage);
        if (WouldFollow(lineage))
        {
            _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Superseded, $"{Lineage} by {lineage}"));
            (_succession, _heritage) = (null, null);
            EndSurvey("the table was succeeded meanwhile, so look again");
            _loss.Clear();
            return true;
        }

        var isOlder = lineage.Ordinal < Lineage.Ordinal || lineage.Incarnation == Lineage.Parent;
        if (!isOlder && _rivals.Add(lineage.Incarnation))
        {
            var isSibling = lineage.Parent == Lineage.Parent && lineage.Parent != Guid.Empty;
            _outbox.Events.Add(new AgreementEvent(
                succeeds || isSibling ? AgreementEventKind.RivalSuccessor : AgreementEventKind.ForeignCluster,
                $"{source?.Address.ToString() ?? "the own store"}: {lineage}, and this node is of {Lineage}"));
        }

        return false;
    }

    private bool WouldFollow(Lineage lineage) => lineage.Succeeds(Lineage) && !IsQuorate;

    /// <summary>A peer's word does not make this node leave a register that has its majority, nor go back to one that it gave up when it voted for a successor.</summary>
    private bool MayInstall(Lineage lineage, NodeId from) => MayStage(lineage) || (lineage.Incarnation != Lineage.Incarnation && MayFollow(lineage, _peers.GetValueOrDefault(from)));

    /// <summary>Whether this node would take a seat of a register if it were given one.</summary>
    private bool MayStage(Lineage lineage) => lineage.Incarnation == Lineage.Incarnation ? !IsPledged : WouldFollow(lineage);

    /// <summary>Whether another register that members belong to has its majority while this node's has none, in words; null when not.</summary>
    public string? Supersession()
    {
        if (Lineage.IsNone || IsQuorate)
        {
            return null;
        }

        var other = _peers.Values.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { Configuration: { } configuration, Lineage: var lineage } }
            && lineage.Incarnation != Lineage.Incarnation && lineage.Ordinal >= Lineage.Ordinal && Loss.IsQuorate(configuration, lineage, self: default, _peers));
        return other is null ? null : $"{other.Address} and others belong to {other.Notice!.Lineage}, which has its majority, and this node is of {Lineage}, which has none.";
    }

    /// <summary>What this node knows of the state was there as late as this.</summary>
    private void NoteHeld(long now)
    {
        var held = Lineage.IsNone ? null : Held(Lineage.Incarnation).Value;
        if (!ReferenceEquals(held, _lastHeld))
        {
            (_lastHeld, _heldSince) = (held, now);
            _height = Math.Max(_height, held?.State.Height ?? 0);
        }
    }
}

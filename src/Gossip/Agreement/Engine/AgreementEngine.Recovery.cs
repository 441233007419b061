using System.Globalization;

namespace Gossip.Agreement;

/// <content>What an operator decides where nothing is proven: to go on without those that cannot be reached.</content>
internal sealed partial class AgreementEngine
{
    private (long Ticket, HeritageSearch Search, bool Recovers)? _survey;
    private (FoundingList List, Lineage Child, Heritage Heritage)? _recovery;

    /// <summary>Asks all members what they hold of the register. The answer comes in <see cref="AgreementOutbox.Surveys"/>.</summary>
    public void Survey(long now, long ticket) => Survey(now, ticket, recovers: false);

    /// <summary>
    /// Founds a successor of the register on this node alone, with the latest that any member within reach holds. Only an operator knows that those that cannot be reached will not go on with the old one.
    /// What became of it comes in <see cref="AgreementOutbox.Surveys"/>; the successor is there once <see cref="Lineage"/> names it.
    /// </summary>
    public void Recover(long now, long ticket) => Survey(now, ticket, recovers: true);

    private void Survey(long now, long ticket, bool recovers)
    {
        var refusal = _survey is not null ? "another survey is under way on this node" : Refusal(now, recovers);
        if (refusal is not null)
        {
            _outbox.Surveys.Add(new RegisterSurvey(ticket, Lineage, [], refusal));
            return;
        }

        _survey = (ticket, new HeritageSearch(Lineage.Incarnation, ++_lastSearch, _setup.SuccessionTiming, Testify(now, Lineage.Incarnation, withValue: true)), recovers);
        _lookAt = now;
        Finish(now);
    }

    /// <summary>Why that cannot be done now, in words; null when it can.</summary>
    private string? Refusal(long now, bool recovers) => Lineage.IsNone ? "this node knows no table that it could recover"
        : recovers && !_keeper.OffersSeat ? "this node does not vote, or its store failed: recover on one that votes"
        : recovers && IsQuorate ? "a majority of those who decide is here, so there is nothing to recover"
        : recovers && _loss.ProvenFor(now) is { } time && time < _setup.SuccessionTiming.RecoveryPatience ? string.Create(
            CultureInfo.InvariantCulture,
            $"those who founded it are about to found a successor, and there must not be two ({(_loss.IsSettled ? WaitsFor : _loss.WaitsFor)}); try again in {(_setup.SuccessionTiming.RecoveryPatience - time).TotalSeconds:0} s")
        : null;

    private void LookAtSurvey(long now)
    {
        if (_survey is not { } survey)
        {
            return;
        }

        var best = survey.Search.Look(now, _peers.Values, _outbox.Requests, survey.Recovers);
        if (!survey.Search.IsSurveyed || (survey.Recovers && best is null))
        {
            return;
        }

        if (Refusal(now, survey.Recovers) is { } refusal)
        {
            EndSurvey(refusal); // who was missing may have come back in the meantime
            return;
        }

        if (best is { Value: null })
        {
            EndSurvey("no member within reach holds anything of it, and what is recovered would be an empty table: start those again that do, or stop all nodes and found a new cluster");
            return;
        }

        if (best is not null && !TryFoundAlone(now, Inherit(best, survey.Search.Height)))
        {
            EndSurvey("the store of this node belongs to another table: recover on another node");
            return;
        }

        _survey = null;
        _outbox.Surveys.Add(new RegisterSurvey(survey.Ticket, Lineage, survey.Search.Told, null));
    }

    /// <summary>Ends the survey that is under way, if one is, without an outcome.</summary>
    private void EndSurvey(string refusal)
    {
        if (_survey is { } survey)
        {
            _survey = null;
            _outbox.Surveys.Add(new RegisterSurvey(survey.Ticket, Lineage, [], refusal));
        }
    }

    private bool TryFoundAlone(long now, Heritage heritage)
    {
        // A list of its own for each attempt, so that no earlier vote of this store is in its way.
        var list = new FoundingList(_setup.Cluster, [string.Create(CultureInfo.InvariantCulture, $"recovered by {_setup.Acceptor}, {NextGuid():N}")], Lineage.Incarnation);
        if (!TryBind(now, list, list.SeatAt(0), Lineage))
        {
            return false;
        }

        _recovery = (list, Child(), heritage);
        _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Recovering, $"{Lineage} with {heritage.Source}"));
        GoOnRecovering(now);
        return true;
    }

    /// <summary>A disk may be so slow that an attempt ends before the store has answered. The next one founds the same successor, so it does not matter which of them comes through.</summary>
    private void GoOnRecovering(long now)
    {
        if (_recovery is not { } recovery)
        {
            return;
        }

        if (_acceptor.Register != new RegisterId(recovery.List.Id, 0))
        {
            _recovery = null; // it is done, or another register took this store in
        }
        else if (!_proposer.IsReconfiguring)
        {
            _proposer.Follow(now, _acceptor.Register, _acceptor.Value!.Configuration, null);
            _proposer.Found(now, recovery.Child, [_setup.Acceptor], recovery.Heritage);
        }
    }
}

/// <summary>What the members within reach hold of a register.</summary>
/// <param name="Ticket">Names the question.</param>
/// <param name="Lineage">The register.</param>
/// <param name="Told">What each told, the latest first.</param>
/// <param name="Refusal">Why it was not done, in words; null when it was.</param>
internal sealed record RegisterSurvey(long Ticket, Lineage Lineage, System.Collections.Immutable.ImmutableArray<Testimony> Told, string? Refusal);

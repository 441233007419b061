namespace Gossip.Agreement;

/// <content>Founding, following the register from epoch to epoch, and seeing to it that the right nodes vote.</content>
internal sealed partial class AgreementEngine
{
    /// <summary>Takes up the epoch that the node's own acceptor is in.</summary>
    private void FollowAcceptor(long now)
    {
        if (_acceptor.Followed is { } followed)
        {
            Follow(now, followed.Lineage, followed.Configuration, source: null); // no seat was given to this node there
        }
        else if (_acceptor.Before is { } before)
        {
            Follow(now, before.Lineage, before.Configuration, source: null); // the store votes for a successor, and none is founded yet
        }

        if (_acceptor.Value is not { } value)
        {
            return;
        }

        if (value.Configuration.Epoch > 0)
        {
            Follow(now, value.Lineage, value.Configuration, source: null);
        }
        else
        {
            _proposer.Follow(now, _acceptor.Register, value.Configuration, null);
        }
    }

    /// <summary>Turns to an epoch that somebody told of, if it is a later one of the same cluster, or of one that succeeds it.</summary>
    private void Follow(long now, Lineage lineage, Configuration configuration, AgreementPeer? source)
    {
        if (lineage.IsNone)
        {
            return;
        }

        var isFirst = Lineage.IsNone;
        var isOther = !isFirst && lineage.Incarnation != Lineage.Incarnation;
        if (isOther && !MayFollow(lineage, source))
        {
            return;
        }

        if (!isFirst && !isOther && configuration.Epoch <= _client.Register.Epoch)
        {
            return;
        }

        if (isOther && _acceptor.Leave(lineage, configuration) is { } record)
        {
            _outbox.Replies.Add(new GatedReply(default, null, record, _acceptor.Checkpoint()));
        }

        Lineage = lineage;
        Turn(now, new RegisterId(lineage.Incarnation, configuration.Epoch), configuration);
        if (isFirst || isOther)
        {
            _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Joined, lineage.ToString()));
        }
    }

    private void Turn(long now, RegisterId register, Configuration configuration)
    {
        _followed = register;
        _proposer.Follow(now, register, configuration, null);
        _client.Follow(now, register, configuration);
        _dueSince = long.MaxValue;
        KeepAttendance();
        _outbox.Events.Add(new AgreementEvent(AgreementEventKind.EpochChanged, configuration.ToString()));
    }

    /// <summary>Who leaves requests unanswered matters for those that vote, or could.</summary>
    private void KeepAttendance() => _proposer.Attendance.Keep(acceptor =>
        _proposer.Configuration?.Contains(acceptor) == true
        || Configuration?.Contains(acceptor) == true
        || _peers.GetValueOrDefault(acceptor.Node)?.Notice?.Store == acceptor.Store);

    /// <summary>The proposer and the client each learn of later epochs by themselves; then the other follows. A proposer that went back to open an epoch again is left to it.</summary>
    private void Synchronize(long now)
    {
        if (Known is { } known && known.Lineage.Incarnation == Lineage.Incarnation)
        {
            Lineage = known.Lineage; // a configuration that was heard of does not say what came before
        }
        else if (Known is { Configuration.Epoch: > 0 } next && next.Lineage.Parent == Lineage.Incarnation && !Lineage.IsNone)
        {
            Follow(now, next.Lineage, next.Configuration, source: null); // this node founded it
        }

        if (_proposer.Configuration is { } proposed && IsLater(_proposer.Register))
        {
            Turn(now, _proposer.Register, proposed);
        }
        else if (_client.Configuration is { } asked && IsLater(_client.Register))
        {
            Turn(now, _client.Register, asked);
        }

        if (Lineage.IsNone && _followed.Epoch > 0)
        {
            Lineage = new Lineage(_followed.Register, Guid.Empty, 0);
            _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Joined, Lineage.ToString()));
        }
    }

    private bool IsLater(RegisterId register) =>
        register.Epoch > _followed.Epoch && (_followed.Register == Guid.Empty || register.Register == _followed.Register);

    /// <summary>There is something to look at from time to time.</summary>
    private bool IsWatching => Configuration is null || HasSeat || IsLeading || _loss.IsProven || _loss.IsSettled || _survey is not null || _recovery is not null;

    private void Look(long now)
    {
        var isFounded = Configuration is not null;
        LookForLoss(now);
        LookAtSurvey(now);
        GoOnRecovering(now);
        _lookAt = IsWatching ? now + _setup.SeatTiming.Period.Ticks : long.MaxValue;
        if (!isFounded)
        {
            LookForFounders(now);
        }
        else if (_loss.IsSettled)
        {
            LookForSuccessor(now);
        }
        else if ((HasSeat || IsLeading) && !_loss.IsProven) // whoever is in charge acts, even when its own seat is with another
        {
            LookAtSeats(now, Configuration!);
        }
    }

    private void LookForFounders(long now)
    {
        var isBound = _foundation.List is { } list && _acceptor.Register == new RegisterId(list.Id, 0);
        var step = _keeper.OffersSeat ? _foundation.Look(now, _peers.Values, isBound, out var seats) : _foundation.Look(now, _peers.Values, isBound: false, out seats);
        if (step == FoundingStep.Bind && _keeper.OffersSeat && !TryBind(now, _foundation.List!, _foundation.OwnSeat, lost: default))
        {
            _foundation.Refuse("it voted on another list of founders, so it must not vote on this one");
        }
        else if (step == FoundingStep.Found && !_proposer.IsReconfiguring)
        {
            _proposer.Found(now, new Lineage(NextGuid(), Guid.Empty, 0), seats);
        }
    }

    private void LookAtSeats(long now, Configuration configuration)
    {
        foreach (var seat in configuration.Acceptors)
        {
            if (_proposer.IsLeading && _proposer.Attendance.IsSilent(seat, now, _setup.SeatTiming.SilencePatience / 2))
            {
                _proposer.Probe(now, seat);
            }
        }

        if (_keeper.Look(now, configuration, Lineage, _peers, _foundation.List, _proposer.Attendance) is not { } seats)
        {
            _dueSince = long.MaxValue;
            return;
        }

        if (IsLeading)
        {
            if (_proposer.Register == _client.Register && _proposer.TryReconfigure(now, seats))
            {
                _outbox.Events.Add(new AgreementEvent(AgreementEventKind.Reconfiguring, string.Join(' ', seats)));
            }

            return;
        }

        // Somebody has to be in charge before seats can change: the first seat sees to it, and the others when it does not.
        _dueSince = Math.Min(_dueSince, now);
        var rank = configuration.Acceptors.IndexOf(_setup.Acceptor);
        if (now - _dueSince >= rank * _setup.SeatTiming.Period.Ticks * 2)
        {
            _client.Change(now, InternalTicket, default, now + _setup.SeatTiming.Period.Ticks);
        }
    }

    /// <summary>Carries out what the parts want of one another, and hands on the rest.</summary>
    private void Finish(long now)
    {
        Synchronize(now);
        while (_proposed.Requests.Count + _proposed.Settled.Count + _proposed.Lost.Count + _proposed.Reconfigured.Count > 0)
        {
            foreach (var request in _proposed.Requests)
            {
                Add(request);
            }

            foreach (var settled in _proposed.Settled)
            {
                _outbox.Answers.Add(_desk.Answer(settled));
            }

            foreach (var lost in _proposed.Lost)
            {
                _keeper.OnLost(lost);
            }

            foreach (var (seats, succeeded) in _proposed.Reconfigured)
            {
                var kind = succeeded ? AgreementEventKind.Reconfigured : AgreementEventKind.ReconfigurationFailed;
                _outbox.Events.Add(new AgreementEvent(kind, string.Join(' ', seats)));
            }

            _proposed.Clear();
            Synchronize(now);
        }

        foreach (var request in _asked.Requests)
        {
            Add(request);
        }

        _outbox.Proposals.AddRange(_asked.Proposals);
        _outbox.Results.AddRange(_asked.Results.Where(result => result.Ticket != InternalTicket));
        _asked.Clear();
        NoteHeld(now);
        if (IsWatching)
        {
            _lookAt = Math.Min(_lookAt, now + _setup.SeatTiming.Period.Ticks);
        }
    }

    private void Add(AcceptorRequest request)
    {
        var node = request.Register.Epoch == 0 && request is not Stage ? NodeOf(request.To) : request.To.Node;
        if (!node.IsNone)
        {
            _outbox.Requests.Add((node, request));
        }
    }

    private NodeId NodeOf(AcceptorId foundingSeat) =>
        _recovery?.List.IndexOf(foundingSeat) >= 0 ? _setup.Self.Id : Founders.NodeOf(foundingSeat);

    /// <summary>Whether a node may answer as this acceptor: it names itself, or a seat of the founders' list that its requests go to this node for.</summary>
    private bool IsFrom(NodeId node, AcceptorId acceptor) => !node.IsNone && (acceptor.Node == node || NodeOf(acceptor) == node);

    private Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[AgreementFields.GuidSize];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, _random.NextUInt64());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], _random.NextUInt64());
        return new Guid(bytes, bigEndian: true);
    }
}

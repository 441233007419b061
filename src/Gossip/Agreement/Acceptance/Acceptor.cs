namespace Gossip.Agreement;

/// <summary>
/// One vote on the value of a register (Lamport 2001; Rystsov 2018, "CASPaxos"). Pure: a request leads to a reply and to a record, and the caller must
/// make the record durable before it sends that reply or any later one.
/// </summary>
internal sealed class Acceptor(AcceptorId self)
{
    private readonly History _history = new();
    private Guid _founders;
    private AcceptorId _foundingSeat;

    public AcceptorId Self { get; } = self;

    /// <summary>What was accepted last; null before the acceptor was installed.</summary>
    public RegisterValue? Value { get; private set; }

    /// <summary>In which ballot; none when it is what the epoch began with.</summary>
    public Ballot AcceptedBallot { get; private set; }

    /// <summary>Nothing below is accepted any more.</summary>
    public Ballot PromisedBallot { get; private set; }

    /// <summary>While the acceptor votes for a successor of a register that is lost, or has no seat in one: what it held of that one.</summary>
    public RegisterValue? Before { get; private set; }

    /// <summary>In which ballot it accepted that.</summary>
    public Ballot BeforeBallot { get; private set; }

    /// <summary>The register that the acceptor's node followed last without a seat there; null when it has one, or never followed any.</summary>
    public LeaveRecord? Followed { get; private set; }

    /// <summary>The value that a proposer left here for the time that this acceptor gets a seat. Not durable: it is only asked for again.</summary>
    public RegisterValue? Staged { get; private set; }

    /// <summary>In which ballot that was chosen.</summary>
    public Ballot StagedBallot { get; private set; }

    /// <summary>The epoch that the acceptor belongs to, or saw last.</summary>
    public RegisterId Register => Value?.Id(_founders) ?? default;

    /// <summary>Who the acceptor is in its epoch. While a register is founded its seats are known by their place in the list, not by who fills them.</summary>
    public AcceptorId Seat => Value?.Configuration.Epoch == 0 ? _foundingSeat : Self;

    /// <summary>Whether the acceptor votes in its epoch. It does not when it was told of an epoch in which it has no seat.</summary>
    public bool HasSeat => Value is not null && (FillsAnySeat || Value.Configuration.Contains(Seat));

    /// <summary>The founders are told apart by nothing, so each proposer counts this acceptor in the seat that it chose for it.</summary>
    private bool FillsAnySeat => Value?.Configuration.Epoch == 0 && _foundingSeat == Self;

    /// <summary>The acceptor as its store kept it.</summary>
    /// <exception cref="InvalidDataException">The records do not follow each other.</exception>
    public static Acceptor Restore(AcceptorId self, IEnumerable<AcceptorRecord> records)
    {
        var acceptor = new Acceptor(self);
        foreach (var record in records)
        {
            acceptor.Apply(record);
        }

        return acceptor;
    }

    /// <summary>
    /// Takes a seat of a list of founders. Only a store that never belonged to any register may, and only the first store that the node ever had: the seat does
    /// not tell stores apart, so the owner must not let a node that lost its store take the seat again. It may have voted. A store of a register that is lost may take a seat of those who found its
    /// successor, and never goes back. A list on which the store promised nothing yet it may leave for another: there is nothing that it could forget.
    /// </summary>
    /// <param name="founders">Names the list.</param>
    /// <param name="seat">The seat; <see cref="Self"/> when it votes in whichever seat it is asked, as its proposers take care to ask it in one.</param>
    /// <param name="value">The empty register of that list.</param>
    /// <param name="lost">The register that this node itself judged to be lost; none for a first founding.</param>
    /// <returns>What to make durable; null when the store belongs to another register, or voted on this list before.</returns>
    public AcceptorRecord? Bind(Guid founders, AcceptorId seat, RegisterValue value, Lineage lost = default)
    {
        var mayLeave = Value is not null && _founders != founders
            && ((Value.Configuration.Epoch == 0 && PromisedBallot == Ballot.None)
                || (!lost.IsNone && (Value.Configuration.Epoch == 0 || Value.Lineage.Incarnation == lost.Incarnation || Value.Lineage.Ordinal < lost.Ordinal)));
        return Value is null || mayLeave ? Record(new BindRecord(founders, seat, value)) : null;
    }

    /// <summary>Gives up the register that the acceptor belongs to, because its node follows one that succeeds it. From then on it votes there no more, over a restart, too: it would know nothing of what the successor decided.</summary>
    /// <returns>What to make durable; null when there is nothing to give up.</returns>
    public AcceptorRecord? Leave(Lineage lineage, Configuration configuration)
    {
        var isThere = Value?.Lineage.Incarnation == lineage.Incarnation || Followed?.Lineage.Incarnation == lineage.Incarnation;
        return isThere || (Value is null && Followed is null) ? null : Record(new LeaveRecord(lineage, configuration));
    }

    /// <summary>Answers a request.</summary>
    /// <returns>What to make durable before the reply is sent; null if nothing changed.</returns>
    public AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
    {
        var record = Decide(request, out reply);
        reply = reply with { From = reply is Promise or Accepted or Rejected or NeedsBase or Report ? SeatAskedBy(request) : Self, Tag = request.Tag };
        return record;
    }

    /// <summary>All that must be durable, as one record.</summary>
    public CheckpointRecord Checkpoint() => new(_founders, _foundingSeat, AcceptedBallot, PromisedBallot, Value, Before, BeforeBallot, Followed);

    /// <summary>Carries out a record: when it is made, and again after a restart.</summary>
    public void Apply(AcceptorRecord record)
    {
        switch (record)
        {
            case PromiseRecord promise:
                PromisedBallot = promise.Ballot;
                break;
            case AcceptRecord accept:
                Hold(accept.Value ?? accept.News.From(Value) ?? throw new InvalidDataException("The log of the acceptor does not fit the value before."), accept.Ballot);
                PromisedBallot = accept.Next > accept.Ballot ? accept.Next : accept.Ballot;
                _history.Add(accept.News);
                break;
            case InstallRecord install:
                Hold(install.Value, install.Accepted);
                PromisedBallot = install.Accepted;
                (Staged, Before, BeforeBallot, Followed) = (null, null, Ballot.None, null);
                break;
            case LeaveRecord leave:
                Followed = leave;
                if (Value?.Configuration.Epoch > 0) // a vote for a successor may still be asked for: whoever finishes its founding needs it
                {
                    (Before, BeforeBallot) = (Value, AcceptedBallot);
                    (Value, AcceptedBallot, PromisedBallot) = (null, Ballot.None, Ballot.None);
                }

                break;
            case BindRecord bind:
                (_founders, _foundingSeat) = (bind.Founders, bind.Seat);
                (Before, BeforeBallot) = Value?.Configuration.Epoch > 0 ? (Value, AcceptedBallot) : (Before, BeforeBallot);
                Hold(bind.Value, Ballot.None);
                PromisedBallot = Ballot.None;
                break;
            case CheckpointRecord checkpoint:
                (_founders, _foundingSeat) = (checkpoint.Founders, checkpoint.Seat);
                (Value, AcceptedBallot, PromisedBallot) = (checkpoint.Value, checkpoint.Accepted, checkpoint.Promised);
                (Before, BeforeBallot, Followed) = (checkpoint.Before, checkpoint.BeforeAccepted, checkpoint.Followed);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(record), record, "Not a record of an acceptor.");
        }
    }

    private AcceptorRecord? Decide(AcceptorRequest request, out AcceptorReply reply)
    {
        switch (request)
        {
            case Install install when install.To == Self:
                return OnInstall(install, out reply);
            case Stage stage when stage.To == Self && (stage.Value.Lineage.IsNone || Follows(stage.Value)):
                (Staged, StagedBallot) = (stage.Value, stage.Chosen);
                reply = new Staged(stage.Value.Position);
                return null;
        }

        if (Value is null || request.Register != Register || request.To != SeatAskedBy(request) || !HasSeat)
        {
            reply = Elsewhere(request);
            return null;
        }

        switch (request)
        {
            case Prepare prepare:
                return OnPrepare(prepare, Value, out reply);
            case Accept accept:
                return OnAccept(accept, Value, out reply);
            case Query query:
                reply = new Report(AcceptedBallot, Value.Position, query.WantsNews ? _history.Since(query.Known, Value) : null);
                return null;
            default:
                reply = Elsewhere(request); // staged or installed at a founder's seat: that is asked of a store
                return null;
        }
    }

    private AcceptorId SeatAskedBy(AcceptorRequest request) => FillsAnySeat && Value!.Configuration.Contains(request.To) ? request.To : Seat;

    private PromiseRecord? OnPrepare(Prepare prepare, RegisterValue held, out AcceptorReply reply)
    {
        if (prepare.Ballot < PromisedBallot)
        {
            reply = new Rejected(prepare.Ballot, PromisedBallot);
            return null;
        }

        reply = new Promise(prepare.Ballot, AcceptedBallot, _history.Since(prepare.Known, held));
        return prepare.Ballot > PromisedBallot ? Record(new PromiseRecord(prepare.Ballot)) : null;
    }

    private AcceptRecord? OnAccept(Accept accept, RegisterValue held, out AcceptorReply reply)
    {
        if (accept.Ballot == AcceptedBallot && accept.News.After == held.Position)
        {
            reply = new Accepted(accept.Ballot); // once more: the first reply may be lost
            return null;
        }

        if (accept.Ballot < PromisedBallot)
        {
            reply = new Rejected(accept.Ballot, PromisedBallot);
            return null;
        }

        if (accept.News.From(held) is not { } value || !value.Configuration.Equals(held.Configuration))
        {
            // If the batches begin at what is held, and yet lead nowhere, only the whole value helps.
            reply = new NeedsBase(accept.Ballot, accept.News.Base == held.Position ? Position.Nowhere : held.Position);
            return null;
        }

        reply = new Accepted(accept.Ballot);
        return Record(new AcceptRecord(accept.Ballot, accept.Next, accept.News) { Value = value });
    }

    private InstallRecord? OnInstall(Install install, out AcceptorReply reply)
    {
        var target = install.Value.Configuration;
        if (target.Epoch == 0 || install.Value.Lineage.IsNone || install.Register != install.Value.Id(default) || !Follows(install.Value))
        {
            reply = Elsewhere(install);
            return null;
        }

        reply = new Installed(install.Register);

        // A second copy must not undo what was accepted since.
        return install.Register == Register ? null : Record(new InstallRecord(install.Accepted, install.Value));
    }

    /// <summary>Whether a value belongs to the same register as what is held, no earlier, or to one that succeeds it.</summary>
    private bool Follows(RegisterValue value)
    {
        if (Value is not { Configuration.Epoch: > 0 })
        {
            // A founder that the others founded without ends its own attempt. What it promised in a register that it gave up it has forgotten, so it never votes there again.
            return value.Lineage.Incarnation != Before?.Lineage.Incarnation
                && (Followed is not { Lineage: var followed } || value.Lineage.Incarnation == followed.Incarnation || value.Lineage.Succeeds(followed));
        }

        return value.Lineage.Incarnation == Value.Lineage.Incarnation
            ? value.Configuration.Epoch >= Value.Configuration.Epoch
            : value.Lineage.Succeeds(Value.Lineage);
    }

    private AcceptorReply Elsewhere(AcceptorRequest request)
    {
        var isOver = Value is not null
            && Register.Epoch > 0
            && (request.Register.Register == _founders || (request.Register.Register == Register.Register && request.Register.Epoch < Register.Epoch));
        return isOver
            ? new Moved(Register, Value!.Configuration)
            : new Absent(request.To, Register, Value?.Configuration);
    }

    private T Record<T>(T record)
        where T : AcceptorRecord
    {
        Apply(record);
        return record;
    }

    private void Hold(RegisterValue value, Ballot accepted)
    {
        Value = value;
        AcceptedBallot = accepted;
    }
}

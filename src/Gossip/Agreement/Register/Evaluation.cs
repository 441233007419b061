using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// One pass over a value: a proposer runs the changes that wait and learns each one's answer, an acceptor replays what a proposer found. Both by
/// the same code, so they cannot differ.
/// </summary>
internal sealed class Evaluation(RegisterValue start)
{
    private readonly ImmutableArray<Change>.Builder _winners = ImmutableArray.CreateBuilder<Change>();
    private IRegisterState _state = start.State;
    private Sessions _sessions = start.Sessions;
    private Sessions? _inherited;

    /// <summary>
    /// Keeps the results that a register left that is lost. For the first batch of one that succeeds it. They come after that batch's change: were they full, there would be no room for it, and it has no client that
    /// could ask for its result.
    /// </summary>
    public void Inherit(Sessions sessions)
    {
        if (sessions.Count > 0)
        {
            _inherited = sessions;
        }
    }

    /// <summary>Runs one change.</summary>
    public ChangeOutcome Run(Change change, out ReadOnlyMemory<byte> result)
    {
        if (start.Next is not null)
        {
            result = default;
            return ChangeOutcome.Sealed;
        }

        switch (_sessions.Recall(change, out result))
        {
            case Recollection.Result:
                return ChangeOutcome.Done;
            case Recollection.Void:
                return ChangeOutcome.Void;
            case Recollection.TooMany:
                return ChangeOutcome.TooMany;
        }

        if (change.Body.IsEmpty)
        {
            return ChangeOutcome.Done; // only asks whether the state is current
        }

        var after = _state.Apply(change.Body.Span, out result);
        if (ReferenceEquals(after, _state))
        {
            return ChangeOutcome.Done;
        }

        if (!_sessions.TryRemember(change, result, out var sessions))
        {
            result = default;
            return ChangeOutcome.TooMany;
        }

        (_state, _sessions) = (after, sessions);
        _winners.Add(change);
        return ChangeOutcome.Applied;
    }

    /// <summary>What the pass changed, with what else is to happen in the same round.</summary>
    public (Batch Batch, RegisterValue Value) Finish(Lineage founding, ImmutableArray<NodeInstance> expired, ImmutableArray<AcceptorId> seal)
    {
        var batch = new Batch { Founding = founding, Inherited = _inherited, Changes = _winners.ToImmutable(), Expired = expired, Seal = seal };
        if (batch.IsIdentity)
        {
            return (Batch.Identity, start);
        }

        _sessions = _inherited ?? _sessions;
        Forget(expired);
        return (batch, Value(batch));
    }

    /// <summary>Runs a batch that a proposer made. False when it was not made for this value.</summary>
    public bool TryReplay(Batch batch)
    {
        if (batch.IsIdentity)
        {
            return true;
        }

        if (start.Next is not null || (!batch.Founding.IsNone && !start.Lineage.IsNone) || (batch.Inherited is not null && batch.Founding.IsNone) || batch.Seal.Length > Configuration.MaxAcceptors)
        {
            return false;
        }

        foreach (var change in batch.Changes)
        {
            if (Run(change, out _) != ChangeOutcome.Applied)
            {
                return false;
            }
        }

        _sessions = batch.Inherited ?? _sessions;
        Forget(batch.Expired);
        return true;
    }

    /// <summary>The value after the batch that was just run.</summary>
    public RegisterValue Value(Batch batch) => batch.IsIdentity ? start : new RegisterValue
    {
        Lineage = batch.Founding.IsNone ? start.Lineage : batch.Founding,
        Configuration = start.Configuration,
        Next = batch.Seal.IsEmpty ? null : Configuration.Of(start.Configuration.Epoch + 1, batch.Seal),
        Position = start.Position.After(batch),
        Sessions = _sessions,
        State = _state,
    };

    private void Forget(ImmutableArray<NodeInstance> expired)
    {
        foreach (var session in expired)
        {
            _sessions = _sessions.Forget(session);
        }
    }
}

/// <summary>What became of a change in one round.</summary>
internal enum ChangeOutcome
{
    /// <summary>It changed the state.</summary>
    Applied,

    /// <summary>It is answered, and changed nothing now: it lost, only asked, or was applied before.</summary>
    Done,

    /// <summary>Its client gave it up before.</summary>
    Void,

    /// <summary>Its client waits for too many at once, or all clients do: there is no room for its result.</summary>
    TooMany,

    /// <summary>The epoch is over; it is to be tried in the next one.</summary>
    Sealed,
}

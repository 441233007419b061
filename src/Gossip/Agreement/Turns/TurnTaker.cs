namespace Gossip.Agreement;

/// <summary>The turns that this node's users wait for. Who gets none in time goes on without. Pure.</summary>
internal sealed class TurnTaker(NodeInstance self, AgreementOutbox outbox)
{
    private readonly Dictionary<ulong, (long Ticket, long Deadline, NodeId Asked)> _waiting = [];
    private readonly Dictionary<ulong, NodeId> _held = [];
    private ulong _lastNumber;

    public long NextDeadline => _waiting.Count == 0 ? long.MaxValue : _waiting.Values.Min(wish => wish.Deadline);

    /// <summary>Asks a node for a turn; none means that there is nobody to ask.</summary>
    public void Ask(long ticket, long deadline, NodeId node)
    {
        if (node.IsNone)
        {
            Finish(ticket, 0);
            return;
        }

        var turn = new Turn(self, ++_lastNumber);
        _waiting.Add(turn.Number, (ticket, deadline, node));
        outbox.Turns.Add((node, new TurnMessage(TurnStep.Ask, turn)));
    }

    /// <summary>The turn has come. One that nobody waits for any more is given back at once.</summary>
    public void OnGrant(NodeId from, Turn turn)
    {
        if (_waiting.Remove(turn.Number, out var wish))
        {
            _held[turn.Number] = from;
            Finish(wish.Ticket, turn.Number);
        }
        else
        {
            outbox.Turns.Add((from, new TurnMessage(TurnStep.End, turn)));
        }
    }

    /// <summary>The user is done with a turn.</summary>
    public void End(ulong number)
    {
        if (_held.Remove(number, out var node))
        {
            outbox.Turns.Add((node, new TurnMessage(TurnStep.End, new Turn(self, number))));
        }
    }

    /// <summary>A node cannot be reached: whoever waits there goes on.</summary>
    public void OnUnreachable(NodeId node) => Release(wish => wish.Asked == node);

    public void OnTick(long now) => Release(wish => wish.Deadline <= now);

    public void Stop() => Release(static _ => true);

    private void Release(Func<(long Ticket, long Deadline, NodeId Asked), bool> isOver)
    {
        foreach (var (number, wish) in _waiting.Where(wish => isOver(wish.Value)).ToArray())
        {
            _waiting.Remove(number);
            Finish(wish.Ticket, 0);
            outbox.Turns.Add((wish.Asked, new TurnMessage(TurnStep.End, new Turn(self, number))));
        }
    }

    private void Finish(long ticket, ulong number) => outbox.Granted.Add((ticket, number));
}

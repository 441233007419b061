namespace Gossip.Agreement;

/// <summary>
/// The line of those who want to read and then write: one after the other has its turn, in the order in which they asked. A turn is only advice, so it costs nothing that a turn which is not ended ends
/// by itself, that a new node in charge begins with an empty line, and that those who asked elsewhere do not stand in it. Pure.
/// </summary>
internal sealed class TurnQueue(AgreementOutbox outbox)
{
    /// <summary>How long a turn lasts at most: a read and a write take some milliseconds, and so long they may take on a bad network.</summary>
    public static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(250);

    /// <summary>How many may stand in line; whoever comes then goes first, as if there were no line.</summary>
    private const int MaxWaiting = 16 * 1024;

    /// <summary>How many of one node may: some users that start at once, and not so many that the others' calls are over before they are served. Whoever of it comes then goes first, too.</summary>
    public const int MaxPerNode = 64;

    private readonly LinkedList<Turn> _line = [];
    private readonly Dictionary<NodeId, int> _perNode = [];
    private readonly Dictionary<Turn, LinkedListNode<Turn>> _places = [];
    private Turn? _current;

    /// <summary>When the present turn ends by itself.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    public int Waiting => _line.Count;

    /// <summary>Somebody asks for a turn.</summary>
    public void Ask(long now, Turn turn)
    {
        if (turn == _current || _places.ContainsKey(turn))
        {
            return;
        }

        var ofNode = _perNode.GetValueOrDefault(turn.Owner.Id);
        if (_line.Count >= MaxWaiting || ofNode >= MaxPerNode)
        {
            Grant(turn);
            return;
        }

        _perNode[turn.Owner.Id] = ofNode + 1;
        _places.Add(turn, _line.AddLast(turn));
        Advance(now);
    }

    /// <summary>Somebody's turn is over, or not wanted any more.</summary>
    public void End(long now, Turn turn)
    {
        if (turn == _current)
        {
            _current = null;
        }
        else if (_places.TryGetValue(turn, out var place))
        {
            Remove(place);
        }

        Advance(now);
    }

    public void OnTick(long now)
    {
        if (now >= NextDeadline)
        {
            _current = null;
            Advance(now);
        }
    }

    private void Advance(long now)
    {
        if (_current is null && _line.First is { } next)
        {
            _current = next.Value;
            Remove(next);
            NextDeadline = now + LongestTurn.Ticks;
            Grant(next.Value);
        }
        else if (_current is null)
        {
            NextDeadline = long.MaxValue;
        }
    }

    private void Remove(LinkedListNode<Turn> place)
    {
        _line.Remove(place);
        _places.Remove(place.Value);
        if (--_perNode[place.Value.Owner.Id] == 0)
        {
            _perNode.Remove(place.Value.Owner.Id);
        }
    }

    private void Grant(Turn turn) => outbox.Turns.Add((turn.Owner.Id, new TurnMessage(TurnStep.Grant, turn)));
}

/// <summary>Somebody's wish to write undisturbed.</summary>
/// <param name="Owner">The life of the node that asks.</param>
/// <param name="Number">Counts its wishes.</param>
internal readonly record struct Turn(NodeInstance Owner, ulong Number);

/// <summary>What is said about a turn.</summary>
internal readonly record struct TurnMessage(TurnStep Step, Turn Turn);

/// <summary>The numbers go over the wire.</summary>
internal enum TurnStep
{
    None = 0,

    /// <summary>It is asked for.</summary>
    Ask = 1,

    /// <summary>It has come.</summary>
    Grant = 2,

    /// <summary>It is over, or not wanted any more.</summary>
    End = 3,
}

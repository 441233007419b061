using System.Diagnostics.CodeAnalysis;

namespace Gossip.Simulation;

/// <summary>
/// What is going to happen, in the order of (time, sequence): things of one moment happen in the order in which they were
/// planned, so a run depends on nothing but its seed. The heap orders small keys; the events stay where they are.
/// </summary>
internal sealed class EventHeap
{
    /// <summary>Four children per key: half as deep as a binary heap, and the children share a cache line.</summary>
    private const int Arity = 4;

    private const int InitialCapacity = 1024;

    private Key[] _keys = new Key[InitialCapacity];
    private SimEvent[] _events = new SimEvent[InitialCapacity];
    private int[] _free = new int[InitialCapacity];
    private int _freeCount;
    private int _used;
    private long _sequence;

    public int Count { get; private set; }

    public void Push(long at, in SimEvent planned)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
            Array.Resize(ref _events, Count * 2);
            Array.Resize(ref _free, Count * 2);
        }

        var slot = _freeCount > 0 ? _free[--_freeCount] : _used++;
        _events[slot] = planned;
        Up(Count++, new Key(at, _sequence++, slot));
    }

    /// <summary>Takes the next event, unless it is later than <paramref name="until"/>.</summary>
    public bool TryPop(long until, out long at, [MaybeNullWhen(false)] out SimEvent next)
    {
        if (Count == 0 || _keys[0].At > until)
        {
            at = until;
            next = default;
            return false;
        }

        var top = _keys[0];
        at = top.At;
        next = _events[top.Slot];
        _events[top.Slot] = default;
        _free[_freeCount++] = top.Slot;
        if (--Count > 0)
        {
            Down(0, _keys[Count]);
        }

        return true;
    }

    private void Up(int index, Key key)
    {
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (!key.Precedes(_keys[parent]))
            {
                break;
            }

            _keys[index] = _keys[parent];
            index = parent;
        }

        _keys[index] = key;
    }

    private void Down(int index, Key key)
    {
        while (true)
        {
            var first = (index * Arity) + 1;
            if (first >= Count)
            {
                break;
            }

            var least = first;
            var end = Math.Min(first + Arity, Count);
            for (var child = first + 1; child < end; child++)
            {
                if (_keys[child].Precedes(_keys[least]))
                {
                    least = child;
                }
            }

            if (!_keys[least].Precedes(key))
            {
                break;
            }

            _keys[index] = _keys[least];
            index = least;
        }

        _keys[index] = key;
    }

    private readonly record struct Key(long At, long Sequence, int Slot)
    {
        public bool Precedes(in Key other) => At < other.At || (At == other.At && Sequence < other.Sequence);
    }
}

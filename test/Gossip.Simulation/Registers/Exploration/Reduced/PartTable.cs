namespace Gossip.Simulation.Registers;

/// <summary>Numbers the parts of states, so that a state is a few numbers: equal parts have the same.</summary>
internal sealed class PartTable<T>(int renamings, Func<T, int, UInt128> key)
{
    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly List<T> _items = [];
    private UInt128[] _keys = new UInt128[renamings];

    public int Count => _items.Count;

    public T this[int number] => _items[number];

    public int Add(T item)
    {
        var first = key(item, 0);
        if (_numbers.TryGetValue(first, out var number))
        {
            return number;
        }

        number = _items.Count;
        _numbers.Add(first, number);
        _items.Add(item);
        if (_keys.Length < _items.Count * renamings)
        {
            Array.Resize(ref _keys, _keys.Length * 2);
        }

        _keys[number * renamings] = first;
        for (var i = 1; i < renamings; i++)
        {
            _keys[(number * renamings) + i] = key(item, i);
        }

        return number;
    }

    /// <summary>The key of a part after a renaming of the acceptors.</summary>
    public UInt128 Key(int number, int renaming) => _keys[(number * renamings) + renaming];

    public ReadOnlySpan<UInt128> Keys(int number) => _keys.AsSpan(number * renamings, renamings);
}

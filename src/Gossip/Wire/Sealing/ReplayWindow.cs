namespace Gossip.Wire;

/// <summary>
/// Which of the latest counters of a sender were seen: a bitmap that slides with the highest one (RFC 6479). Counters may come in any order
/// and with gaps, because a sender counts over all its receivers. Not thread-safe.
/// </summary>
internal sealed class ReplayWindow
{
    private const int WordBits = 64;

    private readonly ulong[] _words;
    private readonly int _size;
    private ulong _highest;

    /// <param name="size">How many counters below the highest one are told apart; a multiple of 64.</param>
    public ReplayWindow(int size)
    {
        _size = size;
        _words = new ulong[(size / WordBits) + 1]; // one more, because the newest word fills up only by and by
    }

    /// <summary>Marks a counter. False when it was marked before, or is too old to know.</summary>
    public bool TryMark(ulong counter)
    {
        if (counter > _highest)
        {
            Slide(counter);
        }
        else if (_highest - counter >= (ulong)_size)
        {
            return false;
        }

        ref var word = ref _words[Index(counter)];
        var bit = 1UL << (int)(counter % WordBits);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    private int Index(ulong counter) => (int)(counter / WordBits % (ulong)_words.Length);

    private void Slide(ulong counter)
    {
        var entered = Math.Min((counter / WordBits) - (_highest / WordBits), (ulong)_words.Length);
        for (var i = 0UL; i < entered; i++)
        {
            _words[Index(counter - (i * WordBits))] = 0;
        }

        _highest = counter;
    }
}

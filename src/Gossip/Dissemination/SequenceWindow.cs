namespace Gossip.Dissemination;

/// <summary>
/// Which of a sender's latest numbers were seen: a sliding bitmap. A number below the window counts as seen, because handing
/// something over twice is worse than losing what is that late.
/// </summary>
internal sealed class SequenceWindow
{
    public const int Size = 4096;
    private const int BitsPerWord = 64;

    private readonly ulong[] _bits = new ulong[Size / BitsPerWord];
    private ulong _highest;

    /// <summary>Marks a number as seen. True when it was not seen before.</summary>
    public bool TryMark(ulong sequence)
    {
        if (sequence > _highest)
        {
            Advance(sequence);
        }
        else if (_highest - sequence >= Size)
        {
            return false;
        }

        var bit = sequence % Size;
        ref var word = ref _bits[bit / BitsPerWord];
        var mask = 1UL << (int)(bit % BitsPerWord);
        if ((word & mask) != 0)
        {
            return false;
        }

        word |= mask;
        return true;
    }

    /// <summary>Whether <see cref="TryMark"/> would find that a number was seen.</summary>
    public bool IsMarked(ulong sequence)
    {
        if (sequence > _highest)
        {
            return false;
        }

        var bit = sequence % Size;
        return _highest - sequence >= Size || (_bits[bit / BitsPerWord] & (1UL << (int)(bit % BitsPerWord))) != 0;
    }

    private void Advance(ulong sequence)
    {
        if (sequence - _highest >= Size)
        {
            Array.Clear(_bits);
        }
        else
        {
            for (var next = _highest + 1; next <= sequence; next++)
            {
                var bit = next % Size;
                _bits[bit / BitsPerWord] &= ~(1UL << (int)(bit % BitsPerWord));
            }
        }

        _highest = sequence;
    }
}

namespace Gossip.Tests.Hostile;

/// <summary>Makes inputs out of golden ones and of noise, in one buffer, so that making them allocates nothing.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> golden, Random random)
{
    private const int MaxSize = 2048;
    private const int MaxNoise = 200;
    private const int MaxMutations = 6;
    private const int MaxRun = 16;

    /// <summary>One input in so many is noise, and one in so many is a golden one as it is.</summary>
    private const int NoisePeriod = 12;
    private const int SanePeriod = 40;

    private static readonly byte[] Telling = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x10];
    private readonly byte[] _buffer = new byte[MaxSize];
    private int _length;

    private enum Mutation
    {
        FlipBit,
        SetByte,
        SetTellingByte,
        RaiseOrLower,
        Insert,
        Remove,
        Repeat,
        Cut,
        Splice,
        Count,
    }

    /// <summary>The next input; valid until the one after it.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (random.Next(NoisePeriod) == 0)
        {
            _length = random.Next(MaxNoise);
            random.NextBytes(_buffer.AsSpan(0, _length));
            return _buffer.AsSpan(0, _length);
        }

        _length = 0;
        Append(golden[random.Next(golden.Count)]);
        if (random.Next(SanePeriod) != 0)
        {
            for (var i = random.Next(1, MaxMutations); i > 0; i--)
            {
                Mutate((Mutation)random.Next((int)Mutation.Count), random.Next(_length + 1));
            }
        }

        return _buffer.AsSpan(0, _length);
    }

    private void Mutate(Mutation mutation, int at)
    {
        var rest = _length - at;
        switch (mutation)
        {
            case Mutation.FlipBit when rest > 0:
                _buffer[at] ^= (byte)(1 << random.Next(8));
                break;
            case Mutation.SetByte when rest > 0:
                _buffer[at] = (byte)random.Next(256);
                break;
            case Mutation.SetTellingByte when rest > 0:
                _buffer[at] = Telling[random.Next(Telling.Length)];
                break;
            case Mutation.RaiseOrLower when rest > 0:
                _buffer[at] += (byte)(random.Next(2) == 0 ? 1 : -1);
                break;
            case Mutation.Insert:
                Insert(at, random.Next(1, MaxRun));
                break;
            case Mutation.Remove when rest > 0:
                var removed = random.Next(1, Math.Min(rest, MaxRun) + 1);
                _buffer.AsSpan(at + removed, rest - removed).CopyTo(_buffer.AsSpan(at));
                _length -= removed;
                break;
            case Mutation.Repeat when rest > 0:
                Append(_buffer.AsSpan(at, rest));
                break;
            case Mutation.Cut:
                _length = at;
                break;
            case Mutation.Splice:
                var other = golden[random.Next(golden.Count)];
                _length = at;
                Append(other.AsSpan(random.Next(other.Length + 1)));
                break;
            default:
                break; // there is nothing to mutate
        }
    }

    private void Insert(int at, int count)
    {
        count = Math.Min(count, MaxSize - _length);
        _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + count));
        random.NextBytes(_buffer.AsSpan(at, count));
        _length += count;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, MaxSize - _length)];
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}

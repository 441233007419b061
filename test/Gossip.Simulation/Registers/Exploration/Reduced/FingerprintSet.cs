namespace Gossip.Simulation.Registers;

/// <summary>
/// The states that were visited, by 128 bits of each (Wolper and Leroy 1993, "hash compaction"). Kept in segments that grow one by one, so that growing
/// takes no second copy of everything.
/// </summary>
internal sealed class FingerprintSet
{
    private const int Segments = 1024;
    private const int FirstLength = 16;
    private const int MaxFilledTenths = 8;

    private readonly UInt128[][] _segments = new UInt128[Segments][];
    private readonly int[] _counts = new int[Segments];

    public FingerprintSet()
    {
        for (var i = 0; i < Segments; i++)
        {
            _segments[i] = new UInt128[FirstLength];
        }
    }

    public long Count { get; private set; }

    public bool Add(UInt128 fingerprint)
    {
        fingerprint = fingerprint == UInt128.Zero ? UInt128.One : fingerprint;
        var index = (int)((ulong)fingerprint % Segments);
        var segment = _segments[index];
        if (!Place(segment, fingerprint))
        {
            return false;
        }

        Count++;
        if (++_counts[index] * 10L > segment.Length * (long)MaxFilledTenths)
        {
            var larger = new UInt128[segment.Length + (segment.Length / 2)];
            foreach (var held in segment)
            {
                _ = held == UInt128.Zero || Place(larger, held);
            }

            _segments[index] = larger;
        }

        return true;
    }

    private static bool Place(UInt128[] segment, UInt128 fingerprint)
    {
        var at = (int)((ulong)(fingerprint >> 64) % (ulong)segment.Length);
        while (segment[at] != UInt128.Zero)
        {
            if (segment[at] == fingerprint)
            {
                return false;
            }

            at = at + 1 == segment.Length ? 0 : at + 1;
        }

        segment[at] = fingerprint;
        return true;
    }
}

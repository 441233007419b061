using System.Numerics;

namespace Gossip.Node;

/// <summary>
/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64. Written out here because a simulated run must be the
/// same bit for bit on every version of the runtime.
/// </summary>
internal sealed class SeededRandom
{
    private const ulong GoldenGamma = 0x9E37_79B9_7F4A_7C15;
    private const int DoubleBits = 53;
    private ulong _s0, _s1, _s2, _s3;

    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>Scrambles 64 bits so that each input bit affects each output bit (SplitMix64's finalizer).</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number in [0, <paramref name="exclusiveMax"/>), by Lemire's multiplication; the bias below 2^-32 does not matter here.</summary>
    public int Next(int exclusiveMax) => (int)(((NextUInt64() >> 32) * (ulong)exclusiveMax) >> 32);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> (64 - DoubleBits)) * (1.0 / (1UL << DoubleBits));

    /// <summary>A span of time in [0, <paramref name="exclusiveMax"/>) ticks.</summary>
    public long NextTicks(long exclusiveMax) => (long)(NextDouble() * exclusiveMax);

    private static ulong SplitMix(ref ulong state) => Mix(state += GoldenGamma);
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Gossip.Simulation;

/// <summary>A running 64-bit hash of all that happens: two runs of one seed must have the same.</summary>
internal sealed class TraceHash
{
    private const ulong Prime1 = 0x9E37_79B1_85EB_CA87; // of xxHash64
    private const ulong Prime2 = 0xC2B2_AE3D_27D4_EB4F;
    private const int Rotation = 31;

    public ulong Value { get; private set; }

    public void Add(ulong word) => Value = (BitOperations.RotateLeft(Value ^ (word * Prime2), Rotation) * Prime1) + Prime2;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            Add(word);
        }

        ulong tail = (uint)bytes.Length;
        foreach (var b in bytes[(bytes.Length & ~(sizeof(ulong) - 1))..])
        {
            tail = (tail << 8) | b;
        }

        Add(tail);
    }
}

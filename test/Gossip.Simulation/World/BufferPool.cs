using System.Numerics;

namespace Gossip.Simulation;

/// <summary>Buffers for packets on their way: stacks by power of two. A shared pool would tie worlds on different threads together.</summary>
internal sealed class BufferPool
{
    private const int MinBits = 8;
    private const int MaxBits = 24;

    private readonly Stack<byte[]>[] _bySize = [.. Enumerable.Range(MinBits, MaxBits - MinBits).Select(_ => new Stack<byte[]>())];

    public byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        var index = IndexOf(bytes.Length);
        if (!_bySize[index].TryPop(out var buffer))
        {
            buffer = new byte[1 << (index + MinBits)];
        }

        bytes.CopyTo(buffer);
        return buffer;
    }

    public void Return(byte[]? buffer)
    {
        if (buffer is not null)
        {
            _bySize[IndexOf(buffer.Length)].Push(buffer);
        }
    }

    private static int IndexOf(int length) =>
        Math.Max(0, BitOperations.Log2((uint)Math.Max(1, length - 1)) + 1 - MinBits);
}

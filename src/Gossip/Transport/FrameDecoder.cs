using System.Buffers;

namespace Gossip.Transport;

/// <summary>
/// Cuts a byte stream into packets. Memory follows what really arrived, never what a peer announced: the buffer doubles only
/// when it is full, and falls back to its first size after a large frame.
/// </summary>
internal sealed class FrameDecoder(int maxFrameSize) : IDisposable
{
    public const int InitialSize = 16 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public int Capacity => _buffer.Length;

    /// <summary>False when the bytes so far end inside a frame.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Where the next bytes go; ends the life of packets that were read before.</summary>
    public Memory<byte> GetFree()
    {
        if (IsEmpty)
        {
            _start = _end = 0;
            if (_buffer.Length != InitialSize)
            {
                Resize(InitialSize);
            }
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        else if (_end == _buffer.Length)
        {
            Resize(_buffer.Length * 2);
        }

        return _buffer.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    /// <summary>Reads the next whole packet.</summary>
    /// <exception cref="InvalidDataException">The announced length is not allowed: the stream makes no sense any more.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> packet)
    {
        packet = default;
        var available = _end - _start - FrameFormat.LengthSize;
        if (available < 0)
        {
            return false;
        }

        var length = FrameFormat.ReadLength(_buffer.AsSpan(_start));
        if (length == 0 || length > (uint)maxFrameSize)
        {
            throw new InvalidDataException($"The peer announced a frame of {length} bytes; allowed are 1 to {maxFrameSize}.");
        }

        if (available < (int)length)
        {
            return false;
        }

        packet = _buffer.AsMemory(_start + FrameFormat.LengthSize, (int)length);
        _start += FrameFormat.LengthSize + (int)length;
        return true;
    }

    public void Dispose()
    {
        _start = _end = 0;
        Resize(0);
    }

    private void Resize(int size)
    {
        var old = _buffer;
        _buffer = size == 0 ? [] : ArrayPool<byte>.Shared.Rent(size);
        old.AsSpan(_start, _end - _start).CopyTo(_buffer.AsSpan(_start));
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;

namespace Gossip.Streaming;

/// <summary>The writing end of a compressed stream. What was advanced over is compressed at once, into the pipe below, where it waits for a flush; so nothing here ever waits but a flush.</summary>
internal sealed class CompressedOutput : PipeWriter
{
    private const int BufferSize = 4096;

    private readonly PipeWriter _compressed;
    private readonly Stream _compressor;
    private byte[] _buffer = new byte[BufferSize];
    private long _unflushed;
    private bool _isComplete;

    public CompressedOutput(PipeWriter compressed, StreamCompression compression)
    {
        _compressed = compressed;
        _compressor = compression.Compress(new Sink(compressed));
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_isComplete)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }

        if (sizeHint > _buffer.Length)
        {
            _buffer = new byte[sizeHint];
        }

        return _buffer;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        _compressor.Write(_buffer.AsSpan(0, bytes));
        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_unflushed > 0 && !_isComplete)
        {
            _unflushed = 0;
            _compressor.Flush(); // into the pipe, which never waits
        }

        return _compressed.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => _compressed.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (!_isComplete)
        {
            _isComplete = true;
            _compressor.Dispose(); // writes its last bytes
            _compressed.Complete(exception);
        }
    }

    /// <summary>Writes into a pipe without flushing it.</summary>
    private sealed class Sink(PipeWriter pipe) : Stream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => pipe.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            // That is for whoever flushes the pipe.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

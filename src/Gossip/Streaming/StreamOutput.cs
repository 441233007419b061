using System.IO.Pipelines;

namespace Gossip.Streaming;

/// <summary>The writing end of a pipe that tells when there is something to send.</summary>
internal sealed class StreamOutput(PipeWriter pipe, GossipStream stream) : PipeWriter
{
    public override bool CanGetUnflushedBytes => pipe.CanGetUnflushedBytes;

    public override long UnflushedBytes => pipe.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => pipe.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => pipe.GetSpan(sizeHint);

    public override void Advance(int bytes) => pipe.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushing = pipe.FlushAsync(cancellationToken);
        stream.OnWritten();
        return flushing;
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var writing = pipe.WriteAsync(source, cancellationToken);
        stream.OnWritten();
        return writing;
    }

    public override void CancelPendingFlush() => pipe.CancelPendingFlush();

    /// <summary>Ends this direction: after the last byte, or at once because of an error, which faults the reader at the other side.</summary>
    public override void Complete(Exception? exception = null)
    {
        pipe.Complete();
        stream.OnOutputCompleted(exception);
    }
}

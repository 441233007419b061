using System.Buffers;
using System.IO.Pipelines;

namespace Gossip.Streaming;

/// <summary>The reading end of a pipe that tells how much was consumed, which is what the sender may send again.</summary>
internal sealed class StreamInput(PipeReader pipe, GossipStream stream) : PipeReader
{
    private ReadOnlySequence<byte> _shown;

    public override bool TryRead(out ReadResult result)
    {
        var read = pipe.TryRead(out result);
        _shown = result.Buffer;
        return read;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = pipe.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Show(reading.Result)) : AwaitAsync(reading);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var count = _shown.Slice(_shown.Start, consumed).Length;
        _shown = default;
        pipe.AdvanceTo(consumed, examined);
        stream.OnConsumed(count);
    }

    public override void CancelPendingRead() => pipe.CancelPendingRead();

    /// <summary>Before the end it tells the sender to stop: quietly, or because of an error.</summary>
    public override void Complete(Exception? exception = null)
    {
        _shown = default;
        stream.OnInputCompleted(exception);
        pipe.Complete();
    }

    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> reading) => Show(await reading.ConfigureAwait(false));

    private ReadResult Show(ReadResult result)
    {
        _shown = result.Buffer;
        return result;
    }
}

using System.IO.Pipelines;

namespace Gossip.Streaming;

/// <summary>The reading end of a compressed stream. It decompresses only what is asked for, so a few bytes that stand for very many fill no memory.</summary>
internal sealed class CompressedInput : PipeReader
{
    private readonly PipeReader _compressed;
    private readonly Stream _decompressor;
    private readonly PipeReader _plain;
    private readonly GossipStream _stream;
    private bool _isComplete;

    public CompressedInput(PipeReader compressed, StreamCompression compression, GossipStream stream)
    {
        _compressed = compressed;
        _stream = stream;
        _decompressor = compression.Decompress(compressed.AsStream(leaveOpen: true));
        _plain = Create(_decompressor, new StreamPipeReaderOptions(leaveOpen: true));
    }

    public override bool TryRead(out ReadResult result) => _plain.TryRead(out result);

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _plain.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException && !_isComplete)
        {
            var ending = Ending.Protocol($"what came cannot be decompressed: {e.Message}");
            _stream.Fail(ending);
            throw new StreamAbortedException(_stream.Peer, ending);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => _plain.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _plain.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _plain.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (!_isComplete)
        {
            _isComplete = true;
            _compressed.Complete(exception);
            _plain.Complete();
            _decompressor.Dispose();
        }
    }
}

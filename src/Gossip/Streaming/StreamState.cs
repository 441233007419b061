namespace Gossip.Streaming;

/// <summary>What one end of a stream has to say.</summary>
internal enum StreamStep
{
    None,
    Answer,
    Reset,
    Stop,
    Credit,
    Data,
    End,
}

/// <summary>One frame to send.</summary>
/// <param name="Step">What it says.</param>
/// <param name="Offset">Data: where its first byte stands. Credit: up to where may be sent. End: how many bytes there were.</param>
/// <param name="Length">Data: how many bytes.</param>
/// <param name="Ending">Why something ends before its time.</param>
internal readonly record struct StreamSaying(StreamStep Step, long Offset = 0, int Length = 0, Ending? Ending = null);

/// <summary>
/// One end of a stream, without its bytes: how far each direction has come, what it may send and what it has granted, and how each direction ends. Whoever
/// owns it asks for what is to be said <see cref="Next"/>, and reports it as <see cref="Said"/> once it is on its way.
/// </summary>
/// <param name="limit">How many bytes the other side takes at first.</param>
/// <param name="window">How many bytes this side takes beyond what its reader has consumed.</param>
/// <param name="owesAnswer">Whether the other side opened the stream, and waits for the answer.</param>
internal sealed class StreamState(long limit, int window, bool owesAnswer)
{
    /// <summary>Credit is given when this part of the window has been consumed: more often would be mostly credit, less often would let senders wait.</summary>
    private const int CreditPart = 2;

    private long _limit = limit;
    private long _granted = window;
    private long _sent;
    private long _received;
    private long _consumed;
    private bool _owesAnswer = owesAnswer;
    private bool _hasEnded;
    private bool _isStopped;
    private bool _gotEnd;
    private bool _readerIsGone;
    private bool _owesStop;
    private bool _isClosed;
    private Ending? _ending;
    private Ending? _stop;
    private Ending? _reset;

    /// <summary>How many bytes were sent.</summary>
    public long Sent => _sent;

    /// <summary>How many bytes arrived.</summary>
    public long Received => _received;

    /// <summary>Whether arriving bytes are of no use any more.</summary>
    public bool Discards => _readerIsGone;

    /// <summary>Nothing will be said or heard any more, and nothing waits for the reader.</summary>
    public bool IsOver =>
        _isClosed || (_hasEnded && _gotEnd && _consumed == _received && !_owesAnswer && _reset is null);

    /// <summary>Whether what comes next is no data: such frames are small, and others wait for them.</summary>
    public bool IsUrgent => !_isClosed && (_owesAnswer || _reset is not null || _owesStop || OwesCredit);

    private bool OwesCredit => !_gotEnd && !_readerIsGone && _consumed + window - _granted >= Math.Max(1, window / CreditPart);

    /// <summary>What is to be said next.</summary>
    /// <param name="available">How many bytes wait to be sent.</param>
    /// <param name="completed">Whether no more will follow them.</param>
    public StreamSaying Next(long available, bool completed)
    {
        if (_isClosed)
        {
            return default;
        }

        if (_owesAnswer)
        {
            return new StreamSaying(StreamStep.Answer);
        }

        if (_reset is { } reset)
        {
            return new StreamSaying(StreamStep.Reset, Ending: reset);
        }

        if (_owesStop)
        {
            return new StreamSaying(StreamStep.Stop, Ending: _stop);
        }

        if (OwesCredit)
        {
            return new StreamSaying(StreamStep.Credit, _consumed + window);
        }

        if (_hasEnded)
        {
            return default;
        }

        if (_ending is not null || _isStopped || (completed && available == 0))
        {
            return new StreamSaying(StreamStep.End, _sent, Ending: _ending);
        }

        var length = (int)Math.Min(Math.Min(available, _limit - _sent), StreamPacket.MaxPayload);
        return length > 0 ? new StreamSaying(StreamStep.Data, _sent, length) : default;
    }

    /// <summary>What was to be said is on its way.</summary>
    public void Said(in StreamSaying saying)
    {
        switch (saying.Step)
        {
            case StreamStep.Answer:
                _owesAnswer = false;
                break;
            case StreamStep.Reset:
                _isClosed = true;
                break;
            case StreamStep.Stop:
                _owesStop = false;
                break;
            case StreamStep.Credit:
                _granted = saying.Offset;
                break;
            case StreamStep.Data:
                _sent += saying.Length;
                break;
            case StreamStep.End:
                _hasEnded = true;
                break;
            default:
                break;
        }
    }

    /// <summary>Bytes arrived.</summary>
    /// <returns>What is wrong with them; null when they are the next ones of the stream.</returns>
    public string? OnData(long offset, int length)
    {
        if (_gotEnd)
        {
            return "bytes came after the end";
        }

        if (offset != _received)
        {
            return $"byte {offset} came where byte {_received} was due";
        }

        if (length == 0 || length > _granted - _received)
        {
            return $"{length} bytes came where {_granted - _received} were allowed";
        }

        _received += length;
        if (_readerIsGone)
        {
            _consumed = _received;
        }

        return null;
    }

    /// <summary>The other side says that there is no more.</summary>
    /// <returns>What is wrong with it; null when all bytes had come.</returns>
    public string? OnEnd(long offset)
    {
        if (_gotEnd)
        {
            return "it ended twice";
        }

        if (offset != _received)
        {
            return $"it ended after {offset} bytes, and {_received} had come";
        }

        _gotEnd = true;
        _owesStop = false; // which has come true
        return null;
    }

    /// <summary>The other side takes more.</summary>
    public void OnCredit(long upTo) => _limit = Math.Max(_limit, upTo);

    /// <summary>The other side wants no more of what is sent.</summary>
    public void OnStop() => _isStopped = true;

    /// <summary>The reader has consumed bytes.</summary>
    public void Consume(long count) => _consumed = Math.Min(_consumed + count, _received);

    /// <summary>The reader wants no more.</summary>
    public void StopReading(in Ending? why)
    {
        if (!_readerIsGone)
        {
            _readerIsGone = true;
            _consumed = _received;
            _owesStop = !_gotEnd;
            _stop = why;
        }
    }

    /// <summary>The writer gives up: what was not sent yet never is.</summary>
    public void EndSending(in Ending why) => _ending ??= why;

    /// <summary>Ends both directions; the other side is told.</summary>
    public void Abort(in Ending why) => _reset ??= why;

    /// <summary>Ends both directions; there is nobody to be told.</summary>
    public void Close() => _isClosed = true;
}

using System.Buffers;
using System.IO.Pipelines;
using Gossip.Streaming;
using Gossip.Wire;

namespace Gossip;

/// <content>What joins the two pipes that a user sees to the frames of a connection. All of it is guarded by the lock of the link.</content>
public sealed partial class GossipStream
{
    private readonly StreamLink _link;
    private readonly StreamState _state;
    private readonly StreamPlace _place;
    private readonly Pipe _received;
    private readonly Pipe _written;
    private readonly CancellationTokenSource _aborted = new();
    private bool _outputIsComplete;
    private bool _outputIsTaken;
    private bool _hasFailed;

    internal StreamKey Key { get; }

    /// <summary>Fires when the stream is aborted.</summary>
    internal CancellationToken Aborted => _aborted.Token;

    internal StreamPlace Place => _place;

    internal bool IsUrgent => _state.IsUrgent;

    internal bool IsOver => _state.IsOver;

    /// <summary>How many bytes arrived; for tests.</summary>
    internal long Received
    {
        get
        {
            lock (_link.Gate)
            {
                return _state.Received;
            }
        }
    }

    internal bool HasFailed
    {
        get
        {
            lock (_link.Gate)
            {
                return _hasFailed;
            }
        }
    }

    internal void OnConsumed(long count)
    {
        lock (_link.Gate)
        {
            _state.Consume(count);
            _link.Attend(this);
        }
    }

    internal void OnInputCompleted(Exception? why)
    {
        lock (_link.Gate)
        {
            _received.Writer.Complete();
            _state.StopReading(why is null ? null : Ending.By(why));
            _link.Attend(this);
        }
    }

    internal void OnWritten()
    {
        lock (_link.Gate)
        {
            _link.Attend(this);
        }
    }

    internal void OnOutputCompleted(Exception? why)
    {
        lock (_link.Gate)
        {
            _outputIsComplete = true;
            if (why is not null)
            {
                _state.EndSending(Ending.By(why));
            }

            _link.Attend(this);
        }
    }

    /// <summary>Ends both directions of both ends.</summary>
    internal void Fail(in Ending ending)
    {
        lock (_link.Gate)
        {
            FailLocked(ending, tell: true);
        }
    }

    private void GiveUpUnlessComplete()
    {
        lock (_link.Gate)
        {
            if (!_outputIsComplete && !_outputIsTaken)
            {
                FailLocked(Ending.Disposed, tell: true);
            }
        }
    }

    // What follows is called with the lock held.

    /// <summary>Ends both directions of this end, and unless nobody is there to hear it, of the other.</summary>
    internal void FailLocked(in Ending ending, bool tell)
    {
        if (!_hasFailed && !_state.IsOver)
        {
            _hasFailed = true;
            _link.Counters.Aborted.Add();
            var error = new StreamAbortedException(Peer, ending);
            _received.Writer.Complete(error); // nothing when this direction had ended well
            TakeNoMore(error);
            _state.Abort(ending);
            _ = _aborted.CancelAsync().ContinueWith( // elsewhere, for callbacks are the user's code; what they throw is theirs
                static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        if (!tell)
        {
            _state.Close();
        }

        _link.Attend(this);
    }

    internal void OnFrame(MessageKind kind, in StreamFrame frame)
    {
        var problem = kind switch
        {
            MessageKind.StreamData => OnData(frame),
            MessageKind.StreamEnd => OnEnd(frame),
            _ => null,
        };
        if (problem is not null)
        {
            _link.OnViolation(problem);
            FailLocked(Ending.Protocol(problem), tell: true);
            return;
        }

        switch (kind)
        {
            case MessageKind.StreamCredit:
                _state.OnCredit(frame.Offset);
                break;
            case MessageKind.StreamStop:
                _state.OnStop();
                TakeNoMore(frame.Ending is { } stop ? new StreamAbortedException(Peer, stop) : null);
                break;
            case MessageKind.StreamReset:
                FailLocked(frame.Ending ?? Ending.By(null), tell: false);
                break;
            default:
                break;
        }

        _link.Attend(this);
    }

    /// <summary>Says what is due next, if there is anything and the connection takes it.</summary>
    /// <returns>False when the connection has no room; then nothing has changed.</returns>
    internal bool TrySay(in PacketHeader header, byte[] packet, out bool said)
    {
        ReadResult read = default;
        var reads = !_outputIsTaken && _written.Reader.TryRead(out read);
        var saying = _state.Next(read.Buffer.Length, _outputIsTaken || read.IsCompleted);
        said = saying.Step != StreamStep.None;
        var sent = said && _link.Connection.TrySendBulk(packet.AsSpan(0, Write(packet, header, saying, read.Buffer)));
        if (reads)
        {
            // What is not taken is not looked at either, or the pipe would wait for more before it showed it again.
            _written.Reader.AdvanceTo(sent && saying.Step == StreamStep.Data ? read.Buffer.GetPosition(saying.Length) : read.Buffer.Start);
        }

        if (sent)
        {
            _state.Said(saying);
            _link.Counters.BytesOut.Add(saying.Length);
            if (saying.Step == StreamStep.End)
            {
                TakeNoMore(null);
            }
        }

        return sent || !said;
    }

    private int Write(byte[] packet, in PacketHeader header, in StreamSaying saying, in ReadOnlySequence<byte> pending) => saying.Step switch
    {
        StreamStep.Answer => StreamPacket.WriteAnswer(packet, header, new(Peer, Key.Number), StreamVerdict.Accepted, _link.Window),
        StreamStep.Data => StreamPacket.WriteData(packet, header, Key, saying.Offset, pending.Slice(0, saying.Length)),
        StreamStep.Credit => StreamPacket.WriteFrame(packet, header, MessageKind.StreamCredit, Key, saying.Offset),
        StreamStep.End => StreamPacket.WriteFrame(packet, header, MessageKind.StreamEnd, Key, saying.Offset, saying.Ending),
        StreamStep.Stop => StreamPacket.WriteFrame(packet, header, MessageKind.StreamStop, Key, ending: saying.Ending),
        _ => StreamPacket.WriteFrame(packet, header, MessageKind.StreamReset, Key, ending: saying.Ending),
    };

    private string? OnData(in StreamFrame frame)
    {
        var payload = frame.Payload;
        if (_state.OnData(frame.Offset, payload.Length) is { } problem)
        {
            return problem;
        }

        _link.Counters.BytesIn.Add(payload.Length);
        if (!_state.Discards && !_hasFailed)
        {
            payload.CopyTo(_received.Writer.GetSpan(payload.Length));
            _received.Writer.Advance(payload.Length);
            var flushing = _received.Writer.FlushAsync(CancellationToken.None);
            _ = flushing.IsCompleted; // it never waits: the window is the bound
        }

        return null;
    }

    private string? OnEnd(in StreamFrame frame)
    {
        var problem = _state.OnEnd(frame.Offset);
        if (problem is null && frame.Ending is { } ending)
        {
            _received.Writer.Complete(new StreamAbortedException(Peer, ending));
            _state.StopReading(null); // what was not read is lost
        }
        else if (problem is null)
        {
            _received.Writer.Complete();
        }

        return problem;
    }

    /// <summary>What is written from now on is not sent, and whoever writes is told.</summary>
    private void TakeNoMore(Exception? error)
    {
        if (!_outputIsTaken)
        {
            _outputIsTaken = true;
            _written.Reader.Complete(error);
        }
    }
}

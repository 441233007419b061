using Gossip.Streaming;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>Both ends of a stream, with the bytes that a program writes and reads, and a queue of a few frames in each direction.</summary>
internal sealed class StreamModel
{
    public const int Window = 40;
    private const int QueueLength = 3;

    public StreamModel(int bytes)
    {
        Ends = [new ModelEnd("a", owesAnswer: false, bytes), new ModelEnd("b", owesAnswer: true, bytes)];
    }

    public ModelEnd[] Ends { get; }

    public bool IsOver => Ends.All(end => end.State.IsOver);

    /// <summary>Does one thing that can happen now, drawn at random.</summary>
    public void Step(Random random)
    {
        var at = random.Next(2);
        var (end, other) = (Ends[at], Ends[1 - at]);
        switch (random.Next(4))
        {
            case 0 when end.Out.Count < QueueLength:
                end.Say();
                break;
            case 1 when other.Out.TryDequeue(out var saying):
                end.Hear(saying);
                break;
            case 2:
                end.Write(random.Next(1, 2 * Window));
                break;
            case 3:
                end.Read(random.Next(1, Window));
                break;
            default:
                break;
        }
    }

    /// <summary>One end, whose program writes the numbers 0, 1, 2 … as bytes.</summary>
    internal sealed class ModelEnd(string name, bool owesAnswer, int bytes)
    {
        private int _written;
        private int _read;

        public StreamState State { get; } = new(Window, Window, owesAnswer);

        public Queue<(StreamSaying Saying, byte[] Bytes)> Out { get; } = new();

        public Queue<byte> Pending { get; } = new();

        public Queue<byte> Unread { get; } = new();

        public int Total { get; set; } = bytes;

        public int Read() => _read;

        public Ending? Ended { get; private set; }

        public bool GotEnd { get; private set; }

        public int MaxUnread { get; private set; }

        public void Write(int count)
        {
            for (; count > 0 && _written < Total; count--)
            {
                Pending.Enqueue((byte)_written++);
            }
        }

        public void Read(int count)
        {
            var taken = 0L;
            for (; count > 0 && Unread.TryDequeue(out var next); count--, taken++)
            {
                Assert.Equal((byte)_read++, next);
            }

            State.Consume(taken);
        }

        public void Say()
        {
            var saying = State.Next(Pending.Count, _written == Total);
            if (saying.Step == StreamStep.None)
            {
                return;
            }

            var payload = new byte[saying.Step == StreamStep.Data ? saying.Length : 0];
            for (var i = 0; i < payload.Length; i++)
            {
                payload[i] = Pending.Dequeue();
            }

            State.Said(saying);
            Out.Enqueue((saying, payload));
        }

        public void Hear((StreamSaying Saying, byte[] Bytes) frame)
        {
            var (saying, payload) = frame;
            switch (saying.Step)
            {
                case StreamStep.Data:
                    Assert.Null(State.OnData(saying.Offset, payload.Length));
                    if (!State.Discards)
                    {
                        Array.ForEach(payload, Unread.Enqueue);
                    }

                    MaxUnread = Math.Max(MaxUnread, Unread.Count);
                    break;
                case StreamStep.Credit:
                    State.OnCredit(saying.Offset);
                    break;
                case StreamStep.End:
                    Assert.Null(State.OnEnd(saying.Offset));
                    GotEnd = true;
                    Ended = saying.Ending;
                    break;
                case StreamStep.Stop:
                    State.OnStop();
                    break;
                case StreamStep.Reset:
                    Ended = saying.Ending;
                    State.Close();
                    break;
                case StreamStep.Answer:
                    break;
                default:
                    Assert.Fail($"{name} heard {saying}");
                    break;
            }
        }
    }
}

using System.Buffers;
using Gossip.Messaging;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>The streams of one connection between two lives of nodes: it hands arriving frames to them, and lets them speak in turn while the connection has room.</summary>
internal sealed class StreamLink(ITransportConnection connection, NodeInstance self, NodeInstance peer, int window, IMessagingHost host, StreamCounters counters)
{
    private readonly Dictionary<StreamKey, GossipStream> _streams = [];
    private readonly StreamSchedule<GossipStream> _schedule = new();
    private bool _isClosed;

    /// <summary>Guards everything of the connection's streams. Held while frames are handed to the connection, never while user code runs.</summary>
    public Lock Gate { get; } = new();

    public ITransportConnection Connection => connection;

    public NodeInstance Self => self;

    public NodeInstance Peer => peer;

    public StreamCounters Counters => counters;

    /// <summary>What this side grants at first.</summary>
    public int Window => window;

    public int Count
    {
        get
        {
            lock (Gate)
            {
                return _streams.Count;
            }
        }
    }

    public bool Has(StreamKey key)
    {
        lock (Gate)
        {
            return _streams.ContainsKey(key);
        }
    }

    /// <summary>Takes a stream, or fails it when the connection has ended.</summary>
    public void Add(GossipStream stream)
    {
        lock (Gate)
        {
            _streams.Add(stream.Key, stream);
            if (_isClosed)
            {
                stream.FailLocked(Ending.ConnectionLost, tell: false);
            }

            Attend(stream);
        }
    }

    /// <summary>False when there is no such stream, as when it is over.</summary>
    public bool TryTake(MessageKind kind, in StreamFrame frame)
    {
        lock (Gate)
        {
            if (!_streams.TryGetValue(frame.Key, out var stream))
            {
                return false;
            }

            stream.OnFrame(kind, frame);
            return true;
        }
    }

    /// <summary>The connection has room again.</summary>
    public void OnRoom()
    {
        lock (Gate)
        {
            Speak();
        }
    }

    /// <summary>Ends all streams. Unless there is nobody to hear it the other side is told.</summary>
    public void FailAll(in Ending ending, bool tell)
    {
        lock (Gate)
        {
            _isClosed |= !tell;
            foreach (var stream in _streams.Values.ToArray())
            {
                stream.FailLocked(ending, tell);
            }
        }
    }

    /// <summary>Keeps the connection from being taken for idle.</summary>
    public void SayAlive()
    {
        Span<byte> packet = stackalloc byte[PacketHeader.Size];
        Header.Write(packet);
        _ = connection.TrySend(packet); // while its queue is full it is not idle
    }

    public void OnViolation(string problem) => host.Logger.StreamViolation(peer, problem);

    /// <summary>Something changed at a stream: it says what it has to, or goes when it is over. Called with the lock held.</summary>
    public void Attend(GossipStream stream)
    {
        if (stream.IsOver)
        {
            Remove(stream);
            return;
        }

        _schedule.Add(stream, stream.IsUrgent);
        Speak();
    }

    private PacketHeader Header => host.Header() with { Kind = PacketKind.Stream };

    private void Speak()
    {
        if (_isClosed)
        {
            return;
        }

        var packet = ArrayPool<byte>.Shared.Rent(StreamPacket.MaxSize);
        try
        {
            var header = Header;
            while (_schedule.TryPeek(out var stream) && stream.TrySay(header, packet, out var said))
            {
                _schedule.Remove();
                if (stream.IsOver)
                {
                    Remove(stream);
                }
                else if (said)
                {
                    _schedule.Add(stream, stream.IsUrgent);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    private void Remove(GossipStream stream)
    {
        // A number may stand for another stream by now: who opens them should not use one again, and might.
        if (_streams.TryGetValue(stream.Key, out var present) && present == stream)
        {
            _streams.Remove(stream.Key);
            stream.Place.Release();
        }
    }
}

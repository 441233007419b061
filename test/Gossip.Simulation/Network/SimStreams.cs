using Gossip.Transport;

namespace Gossip.Simulation;

/// <summary>
/// Streams as TCP gives them: dialled on demand, one per dialler and acceptor. Loss only delays their frames, a cut holds them
/// up until the connection is given up, and a killed process resets its connections, as far as its peers can hear.
/// </summary>
internal sealed class SimStreams(SimWorld world)
{
    private const long DialTimeout = 3 * TimeSpan.TicksPerSecond;
    private const long DialRetry = TimeSpan.TicksPerSecond;
    private const long StallTimeout = 10 * TimeSpan.TicksPerSecond;
    private const long RetransmissionTimeout = 200 * TimeSpan.TicksPerMillisecond;
    private const int MaxRetransmissions = 6;

    /// <summary>A handshake takes one way there and one way back; the first frame then takes a third.</summary>
    private const int HandshakeWays = 2;

    private readonly Dictionary<(int Dialler, int Acceptor), SimConnection> _connections = [];
    private readonly Dictionary<long, SimConnection> _byId = [];
    private readonly List<SimConnection> _closing = [];
    private long _lastId;

    /// <summary>Sends to an endpoint, on a connection that exists in either direction or on a new one.</summary>
    public void Send(SimNode from, in NodeEndpoint endpoint, ReadOnlySpan<byte> packet)
    {
        var to = world.Network.NodeAt(endpoint);
        if (to < 0)
        {
            throw new ViolationException("known-endpoint", $"node {from.Index} sends to {endpoint}, where no node ever was");
        }

        if (Find(from.Index, to) is { } connection)
        {
            Enqueue(connection, from.Index, packet);
            return;
        }

        connection = new SimConnection(++_lastId, from.Index, to) { DialDeadline = world.Now + DialTimeout };
        _connections[(from.Index, to)] = connection;
        _byId[connection.Id] = connection;
        connection.Outward.Waiting.Enqueue((world.Buffers.Copy(packet), packet.Length));
        Plan(SimEventKind.Dial, connection, from.Index, HandshakeWays * world.Network.Delay(from.Index, to));
    }

    /// <summary>Sends on exactly one connection; lost when that is closed.</summary>
    public void SendOn(SimNode from, long connectionId, ReadOnlySpan<byte> packet)
    {
        if (_byId.TryGetValue(connectionId, out var connection) && connection.LaneFrom(from.Index).Open)
        {
            Enqueue(connection, from.Index, packet);
        }
    }

    /// <summary>A dial got so far that its answer must be there, if anybody answers.</summary>
    public void OnDial(SimConnection connection)
    {
        if (!connection.Outward.Open)
        {
            return;
        }

        var (from, to) = (connection.Dialler, connection.Acceptor);
        var acceptor = world.Nodes[to];
        if (world.Network.IsCutEitherWay(from, to) || acceptor.IsSilent)
        {
            world.Counts.Count(Fault.Cut);
            if (world.Now >= connection.DialDeadline)
            {
                GiveUp(connection, from);
            }
            else
            {
                Plan(SimEventKind.Dial, connection, from, DialRetry);
            }
        }
        else if (!acceptor.IsUp)
        {
            GiveUp(connection, from, SimEventKind.Refused);
        }
        else
        {
            connection.Dialling = false;
            Flush(connection, from);
        }
    }

    /// <summary>Frames that were held up are tried again.</summary>
    public void OnResend(SimConnection connection, int from)
    {
        var lane = connection.LaneFrom(from);
        if (!lane.Open || !lane.Stalled)
        {
            return;
        }

        if (!world.Network.IsCutEitherWay(from, connection.PeerOf(from)) && !world.Nodes[connection.PeerOf(from)].IsSilent)
        {
            lane.StalledSince = long.MaxValue;
            Flush(connection, from);
        }
        else if (world.Now - lane.StalledSince >= StallTimeout)
        {
            GiveUp(connection, from);
        }
        else
        {
            Plan(SimEventKind.Resend, connection, from, RetransmissionTimeout);
        }
    }

    /// <summary>A side hears that the other one is gone.</summary>
    public void OnClosed(SimConnection connection, int side, bool orderly)
    {
        if (connection.LaneFrom(side).Open)
        {
            GiveUp(connection, side, orderly: orderly);
        }
    }

    /// <summary>
    /// A process ended. Unless the whole host went silent, its kernel closes its connections: in order, or, where bytes were left unread,
    /// with a reset. A seed meets both.
    /// </summary>
    public void OnProcessEnded(int node, bool silently)
    {
        _closing.Clear();
        foreach (var connection in _connections.Values)
        {
            if (connection.Dialler == node || connection.Acceptor == node)
            {
                _closing.Add(connection);
            }
        }

        foreach (var connection in _closing)
        {
            Close(connection, node);
            var peer = connection.PeerOf(node);
            if (!silently && !connection.Dialling && connection.LaneFrom(peer).Open && !world.Network.IsCut(node, peer))
            {
                Plan(world.Random.Next(2) == 0 ? SimEventKind.Finished : SimEventKind.Reset, connection, peer, world.Network.Delay(node, peer));
            }
        }
    }

    private SimConnection? Find(int from, int to)
    {
        if (_connections.TryGetValue((from, to), out var own) && own.Outward.Open)
        {
            return own;
        }

        return _connections.TryGetValue((to, from), out var accepted) && !accepted.Dialling && accepted.Inward.Open ? accepted : null;
    }

    private void Enqueue(SimConnection connection, int from, ReadOnlySpan<byte> packet)
    {
        var lane = connection.LaneFrom(from);
        if (connection.Dialling || lane.Stalled)
        {
            lane.Waiting.Enqueue((world.Buffers.Copy(packet), packet.Length));
        }
        else if (world.Network.IsCutEitherWay(from, connection.PeerOf(from)) || world.Nodes[connection.PeerOf(from)].IsSilent)
        {
            world.Counts.Count(Fault.Cut);
            lane.Waiting.Enqueue((world.Buffers.Copy(packet), packet.Length));
            lane.StalledSince = world.Now;
            Plan(SimEventKind.Resend, connection, from, RetransmissionTimeout);
        }
        else
        {
            Transmit(connection, from, world.Buffers.Copy(packet), packet.Length);
        }
    }

    private void Flush(SimConnection connection, int from)
    {
        var waiting = connection.LaneFrom(from).Waiting;
        while (waiting.TryDequeue(out var frame))
        {
            Transmit(connection, from, frame.Bytes, frame.Length);
        }
    }

    private void Transmit(SimConnection connection, int from, byte[] bytes, int length)
    {
        var to = connection.PeerOf(from);
        if (!connection.LaneFrom(to).Open)
        {
            // The other side has forgotten the connection, and says so.
            world.Buffers.Return(bytes);
            Plan(SimEventKind.Reset, connection, from, HandshakeWays * world.Network.Delay(from, to));
            return;
        }

        var lane = connection.LaneFrom(from);
        var at = Math.Max(lane.LastArrival, world.Now + world.Network.Delay(from, to) + RetransmissionDelay());
        lane.LastArrival = at;
        world.Plan(at, new SimEvent { Kind = SimEventKind.Frame, Node = to, Peer = from, Subject = connection, Bytes = bytes, Length = length });
    }

    private long RetransmissionDelay()
    {
        long delay = 0;
        var timeout = RetransmissionTimeout;
        for (var tries = 0; tries < MaxRetransmissions && world.Network.Loses(); tries++)
        {
            delay += timeout;
            timeout *= 2;
        }

        return delay;
    }

    /// <summary>One side gives the connection up, and its owner hears what that means.</summary>
    private void GiveUp(SimConnection connection, int side, SimEventKind lostHow = SimEventKind.Undeliverable, bool orderly = false)
    {
        var lane = connection.LaneFrom(side);
        var lost = lane.Waiting.Count > 0;
        var dialled = connection.Dialling;
        Close(connection, side);
        var peer = connection.PeerOf(side);
        if (lost)
        {
            world.Counts.Count(Fault.Undeliverable);
            world.Dispatch(new SimEvent { Kind = lostHow, Node = side, Peer = peer });
        }

        if (!dialled)
        {
            world.Counts.Count(orderly ? Fault.Closed : Fault.Disconnected);
            world.Dispatch(new SimEvent { Kind = orderly ? SimEventKind.Closed : SimEventKind.Disconnected, Node = side, Peer = peer });
        }
    }

    private void Close(SimConnection connection, int side)
    {
        var lane = connection.LaneFrom(side);
        lane.Open = false;
        while (lane.Waiting.TryDequeue(out var frame))
        {
            world.Buffers.Return(frame.Bytes);
        }

        var key = (connection.Dialler, connection.Acceptor);
        if (side == connection.Dialler || connection.Dialling || !connection.Outward.Open)
        {
            _byId.Remove(connection.Id);
            if (_connections.TryGetValue(key, out var current) && current == connection)
            {
                _connections.Remove(key);
            }
        }
    }

    private void Plan(SimEventKind kind, SimConnection connection, int node, long delay) =>
        world.Plan(world.Now + delay, new SimEvent { Kind = kind, Node = node, Peer = connection.PeerOf(node), Subject = connection });
}

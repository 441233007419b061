using System.Collections.Concurrent;
using Gossip.Membership;
using Gossip.Messaging;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>What of the transport the pump uses: it sends what the engine wrote, and knows who speaks on which connection.</summary>
internal sealed class PumpLinks(ITransport transport) : IClientLinks
{
    private readonly ConcurrentDictionary<long, (ITransportConnection Connection, NodeInstance Peer)> _connections = new();
    private readonly ConcurrentDictionary<NodeId, (ITransportConnection Connection, NodeInstance Peer)> _speakers = new(); // and the last connection of each; never more than connections

    /// <summary>Remembers who spoke first on a connection.</summary>
    public void Add(ITransportConnection connection, NodeInstance peer)
    {
        if (_connections.TryAdd(connection.Id, (connection, peer)))
        {
            _speakers[peer.Id] = (connection, peer);
        }
    }

    public void Remove(ITransportConnection connection)
    {
        if (_connections.TryRemove(connection.Id, out var known))
        {
            _speakers.TryRemove(new KeyValuePair<NodeId, (ITransportConnection, NodeInstance)>(known.Peer.Id, known));
        }
    }

    public NodeInstance? Find(NodeId id) => _speakers.TryGetValue(id, out var speaker) ? speaker.Peer : null;

    public bool TrySend(NodeInstance to, ReadOnlySpan<byte> packet) =>
        _speakers.TryGetValue(to.Id, out var speaker) && speaker.Peer == to && speaker.Connection.TrySend(packet);

    public void Transmit(Outbox outbox)
    {
        foreach (var transmit in outbox.Transmits)
        {
            var packet = outbox.Bytes(transmit);
            switch (transmit.Path)
            {
                case TransmitPath.Datagram:
                    _ = transport.TrySendDatagram(transmit.To, packet);
                    break;
                case TransmitPath.Stream:
                    // A full queue is no evidence about the peer: what is lost is asked for again, as after any loss.
                    _ = transport.TrySendFrame(transmit.To, packet);
                    break;
                default:
                    // A closed connection needs no report: whoever asked through it is told by its own side.
                    if (_connections.TryGetValue(transmit.ConnectionId, out var known))
                    {
                        known.Connection.TrySend(packet);
                    }

                    break;
            }
        }
    }

    /// <summary>Whoever dialled this node is known by its packets; from then on frames to it use the connection that it made.</summary>
    public void Bind(in PumpItem item, MemberTable table)
    {
        if (item.ConnectionId != 0
            && item.Endpoint.IsNone
            && _connections.TryGetValue(item.ConnectionId, out var known)
            && PacketHeader.TryRead(item.Buffer, out var header)
            && table.TryFind(header.Sender.Id, out var member)
            && member.Instance == header.Sender)
        {
            transport.BindConnection(known.Connection, member.Endpoint);
        }
    }

    /// <summary>
    /// What is left of the connections to the dead leads nowhere: after a cut TCP may go on resending for minutes. Those of somebody
    /// else at its address stay, such as its successor, by which its death may just have become known.
    /// </summary>
    public void Disconnect(NodeInstance dead, in NodeEndpoint endpoint) => transport.Disconnect(
        endpoint,
        connection => _connections.TryGetValue(connection.Id, out var known) && known.Peer != dead,
        new IOException($"Member {dead} is dead."));
}

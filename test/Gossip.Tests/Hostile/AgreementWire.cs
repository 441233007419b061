using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Hostile;

/// <summary>
/// Four engines that talk by the bytes of real packets, found a table, change it, read it and change who votes. A test may put something in the way of each packet and each notice.
/// </summary>
internal sealed class AgreementWire
{
    private const int Founders = 3;
    private const int Nodes = 4;
    private const int BasePort = 1000;
    private static readonly long Step = TimeSpan.FromMilliseconds(2).Ticks;
    private static readonly long Timeout = TimeSpan.FromSeconds(3).Ticks;

    private readonly Queue<(int To, int From, byte[] Packet)> _mail = new();
    private readonly Node[] _nodes;
    private long _ticket;
    private long _now = TimeSpan.FromHours(1).Ticks;

    public AgreementWire(ulong seed)
    {
        _nodes = [.. Enumerable.Range(0, Nodes).Select(index => new Node(index, seed))];
        foreach (var node in _nodes)
        {
            node.Engine.Start(_now);
            CarryOut(node);
        }
    }

    /// <summary>Sees a packet before the node does; its bytes go to <see cref="Deliver"/> as often as it likes.</summary>
    public Action<int, int, byte[]> BeforePacket { get; set; } = (_, _, _) => { };

    /// <summary>The same for what a node tells by gossip.</summary>
    public Action<int, int, byte[]> BeforeNotice { get; set; } = (_, _, _) => { };

    /// <summary>Says which node a packet seems to come from, by who sent it and to whom.</summary>
    public Func<int, int, byte[], int> Claims { get; set; } = (_, from, _) => from;

    public int Decided => _nodes.Sum(node => node.Results.Count(result => result.Status == ClientStatus.Done));

    public long Epoch => _nodes.Max(node => node.Engine.Configuration?.Epoch ?? 0);

    /// <summary>Hands a packet to a node. False when the node cannot read it.</summary>
    public bool Deliver(int to, int from, ReadOnlySpan<byte> packet)
    {
        var node = _nodes[to];
        var sender = _nodes[from].Self.Id;
        if (node.Links.Read(packet, sender) is not { } message)
        {
            return false;
        }

        switch (message.Body)
        {
            case AcceptorRequest request:
                node.Engine.OnRequest(_now, new NodeInstance(sender, message.Life), request);
                break;
            case AcceptorReply reply:
                node.Engine.OnReply(_now, sender, reply);
                break;
            case Proposal proposal:
                node.Engine.OnProposal(_now, proposal);
                break;
            case ProposalAnswer answer:
                node.Engine.OnAnswer(_now, sender, answer);
                break;
            case TurnMessage turn:
                node.Engine.OnTurn(_now, sender, turn);
                break;
        }

        CarryOut(node);
        return true;
    }

    /// <summary>Hands a node what another one tells by gossip. False when it cannot be read.</summary>
    public bool Tell(int to, int from, ReadOnlySpan<byte> notice)
    {
        var read = AgreementNotice.Read(notice);
        _nodes[to].Peers[from] = new AgreementPeer(_nodes[from].Self.Id, _nodes[from].Address, PeerPresence.Present, read);
        _nodes[to].Engine.OnPeers(_now, _nodes[to].Peers.Values);
        CarryOut(_nodes[to]);
        return read is not null;
    }

    /// <summary>Some milliseconds, in which everybody wants something.</summary>
    public void Run(int step)
    {
        _now += Step;
        for (var pending = _mail.Count; pending > 0 && _mail.TryDequeue(out var mail); pending--)
        {
            BeforePacket(mail.To, mail.From, mail.Packet);
            Deliver(mail.To, Claims(mail.To, mail.From, mail.Packet), mail.Packet);
        }

        foreach (var node in _nodes)
        {
            Gossip(node);
            Use(node, step);
            if (node.Engine.NextDeadline <= _now)
            {
                node.Engine.OnTick(_now);
            }

            CarryOut(node);
        }
    }

    private void Gossip(Node node)
    {
        if (ReferenceEquals(node.Engine.Notice, node.Told))
        {
            return;
        }

        node.Told = node.Engine.Notice;
        var bytes = node.Told.Encode();
        for (var to = 0; to < Nodes; to++)
        {
            if (to != node.Index)
            {
                BeforeNotice(to, node.Index, bytes);
                Tell(to, node.Index, bytes);
            }
        }
    }

    private void Use(Node node, int step)
    {
        const int Kinds = 5;
        const int Leaves = 120;
        const int Returns = 220;
        switch ((step + node.Index) % Kinds)
        {
            case 0:
                var version = (node.Engine.Known?.State as TableState)?.Version ?? default;
                node.Engine.Change(_now, ++_ticket, TableFormat.Encode(new InsertRow(version, $"row-{_ticket}", new byte[8], IsTerminal: false, Floor: 0)), _now + Timeout);
                break;
            case 1:
                node.Engine.Read(_now, ++_ticket, _now + Timeout);
                break;
            case 2:
                node.Engine.TakeTurn(++_ticket, _now + Timeout);
                break;
            case 3 when node.Turns.TryDequeue(out var turn):
                node.Engine.EndTurn(turn);
                break;
            case 4:
                node.Engine.Survey(_now, ++_ticket);
                break;
        }

        if (node.Index == 0 && step is Leaves or Returns)
        {
            node.Engine.OfferSeat(_now, offers: step == Returns);
        }
    }

    private void CarryOut(Node node)
    {
        var outbox = node.Outbox;
        while (outbox.Requests.Count + outbox.Replies.Count + outbox.Proposals.Count + outbox.Answers.Count + outbox.Turns.Count > 0)
        {
            var self = node.Self;
            (NodeId To, MessageKind Kind, ulong Life, byte[] Body)[] said =
            [
                .. outbox.Requests.Select(item => (item.To, MessageKind.AcceptorRequest, self.Generation, AgreementFormat.Encode(item.Request))),
                .. outbox.Replies.Where(item => item.Reply is not null).Select(item => (item.To.Id, MessageKind.AcceptorReply, item.To.Generation, AgreementFormat.Encode(item.Reply!))),
                .. outbox.Proposals.Select(item => (item.To, MessageKind.Proposal, self.Generation, ProposalFormat.Encode(item.Proposal))),
                .. outbox.Answers.Select(item => (item.Id.Session.Id, MessageKind.ProposalAnswer, item.Id.Session.Generation, ProposalFormat.Encode(item))),
                .. outbox.Turns.Select(item => (item.To, MessageKind.Turn, item.Message.Turn.Owner.Generation, TurnFormat.Encode(item.Message))),
            ];
            Conclude(node);
            foreach (var (to, kind, life, body) in said)
            {
                if (Array.FindIndex(_nodes, other => other.Self.Id == to) is >= 0 and var index)
                {
                    var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Agreement, 0, GoldenPackets.Cluster, self);
                    _mail.Enqueue((index, node.Index, AgreementPacket.Write(header, kind, life, body)));
                }
            }
        }

        Conclude(node);
    }

    private void Conclude(Node node)
    {
        node.Results.AddRange(node.Outbox.Results);
        foreach (var (_, number) in node.Outbox.Granted)
        {
            node.Turns.Enqueue(number);
        }

        _ = node.Engine.Diagnosis(_now); // what it says of a state that others made must not fail, either
        node.Outbox.Clear();
    }

    private sealed class Node
    {
        public Node(int index, ulong seed)
        {
            Index = index;
            Address = AddressOf(index);
            Self = new NodeInstance(NodeId.Derive("hostile", $"{index}"), 1);
            var store = new AcceptorId(Self.Id, new Guid(index + 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            var setup = new AgreementSetup
            {
                Self = Self,
                Acceptor = store,
                Address = Address,
                Cluster = "hostile",
                Format = TableFormat.Instance,
                Founding = index < Founders ? new FoundingPlan(FoundingKind.Listed, [.. Enumerable.Range(0, Founders).Select(AddressOf)]) : FoundingPlan.Never,
                IsDurable = index % 2 == 0,
                RandomSeed = seed + (ulong)index,
                SeatTiming = new SeatTiming { Period = TimeSpan.FromMilliseconds(20) },
                FoundingTiming = new FoundingTiming { Completeness = TimeSpan.Zero, NoticePatience = TimeSpan.Zero, Stagger = TimeSpan.FromMilliseconds(20) },
            };
            Engine = new AgreementEngine(setup, new Acceptor(store), Outbox);
            Links = new AgreementLinks(null!, null!, null!, Self, null!, TableFormat.Instance); // it only reads
        }

        public int Index { get; }

        public NodeEndpoint Address { get; }

        public NodeInstance Self { get; }

        public AgreementOutbox Outbox { get; } = new();

        public AgreementEngine Engine { get; }

        public AgreementLinks Links { get; }

        public AgreementNotice? Told { get; set; }

        public Dictionary<int, AgreementPeer> Peers { get; } = [];

        public List<ClientResult> Results { get; } = [];

        public Queue<ulong> Turns { get; } = new();

        private static NodeEndpoint AddressOf(int index) => NodeEndpoint.From(System.Net.IPAddress.Loopback, (ushort)(BasePort + index));
    }
}

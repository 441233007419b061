using System.Text;
using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;
using Gossip.Tests.Agreement.Founding;

namespace Gossip.Tests.Agreement;

/// <summary>
/// Whole agreements of several nodes, wired in memory and run by one clock: each message takes a drawn time, gossip tells each node what the others tell, a little later. Tests say who restarts, who is cut off, who leaves.
/// The same seed gives the same run.
/// </summary>
internal sealed class EngineCluster(ulong seed = 1, IRegisterFormat? format = null)
{
    private static readonly long Step = TimeSpan.FromMilliseconds(5).Ticks;
    private static readonly long GossipDelay = TimeSpan.FromMilliseconds(200).Ticks;
    private readonly SeededRandom _random = new(seed);
    private readonly IRegisterFormat _format = format ?? TableFormat.Instance;
    private readonly PriorityQueue<Action, (long At, long Order)> _mail = new();
    private readonly HashSet<(int, int)> _cuts = [];
    private long _order;
    private long _ticket;

    public long Now { get; private set; } = TimeSpan.FromHours(1).Ticks;

    public SortedDictionary<int, Member> Members { get; } = [];

    public List<ClientResult> Results { get; } = [];

    public List<RegisterSurvey> Surveys { get; } = [];

    public Member this[int node] => Members[node];

    public static AcceptorId Acceptor(int node, int store = 1) => FoundingSetup.Acceptor(node, store);

    /// <summary>Starts a node, or starts it again: with what its store kept if it is durable, and else with another store.</summary>
    public Member Start(int node, FoundingPlan plan, bool isDurable = false, bool offersSeat = true)
    {
        var before = Members.GetValueOrDefault(node);
        var life = (before?.Life ?? 0) + 1;
        var store = isDurable ? 1 : life;
        var setup = FoundingSetup.Founder(node, plan, isDurable, offersSeat, store: store) with
        {
            Self = new NodeInstance(Acceptor(node).Node, (ulong)life),
            Format = _format,
            RandomSeed = _random.NextUInt64(),
            Boots = isDurable ? life : 0,
        };
        var member = new Member(node, life, setup, isDurable ? before?.Log ?? [] : []);
        Members[node] = member;
        member.Engine.Start(Now);
        CarryOut(member);
        return member;
    }

    public void Stop(int node, PeerPresence presence = PeerPresence.Dead)
    {
        Members[node].IsRunning = false;
        Members[node].Presence = presence;
    }

    /// <summary>Nodes of the one side and of the other do not reach each other, and take each other for dead.</summary>
    public void Cut(int[] side, int[] other)
    {
        foreach (var a in side)
        {
            foreach (var b in other)
            {
                _cuts.UnionWith([(a, b), (b, a)]);
            }
        }
    }

    public void Heal() => _cuts.Clear();

    public void Run(TimeSpan time)
    {
        for (var end = Now + time.Ticks; Now < end; Now += Step)
        {
            while (_mail.TryPeek(out var deliver, out var due) && due.At <= Now)
            {
                _mail.Dequeue();
                deliver();
            }

            foreach (var member in Members.Values.Where(member => member.IsRunning))
            {
                if (Now >= member.GossipAt)
                {
                    member.GossipAt = Now + GossipDelay;
                    member.Engine.OnPeers(Now, Gossip(member));
                    CarryOut(member);
                }

                if (member.Engine.NextDeadline <= Now)
                {
                    member.Engine.OnTick(Now);
                    CarryOut(member);
                }
            }
        }
    }

    public void Run(double seconds) => Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Has a node change the register; the call has as long as that.</summary>
    public ClientResult Change(int node, ReadOnlyMemory<byte> body, double seconds = 5) => Await(BeginChange(node, body, seconds), seconds);

    public TableState? Read(int node, double seconds = 5) => (TableState?)Await(BeginRead(node, seconds), seconds).Value?.State;

    /// <summary>Has a node change the register, and goes on. The result comes in <see cref="Results"/>, with the ticket that is returned.</summary>
    public long BeginChange(int node, ReadOnlyMemory<byte> body, double seconds)
    {
        Members[node].Engine.Change(Now, ++_ticket, body, Now + TimeSpan.FromSeconds(seconds).Ticks);
        CarryOut(Members[node]);
        return _ticket;
    }

    /// <summary>Has a node read the register, and goes on.</summary>
    public long BeginRead(int node, double seconds)
    {
        Members[node].Engine.Read(Now, ++_ticket, Now + TimeSpan.FromSeconds(seconds).Ticks);
        CarryOut(Members[node]);
        return _ticket;
    }

    /// <summary>Has an operator recover the register at a node. What became of it comes in <see cref="Surveys"/>.</summary>
    public long Recover(int node)
    {
        Members[node].Engine.Recover(Now, ++_ticket);
        CarryOut(Members[node]);
        return _ticket;
    }

    /// <summary>Adds a row at the table's version.</summary>
    public bool Insert(int node, string key)
    {
        var version = Read(node)?.Version ?? default;
        var result = Change(node, TableFormat.Encode(new InsertRow(version, key, Encoding.UTF8.GetBytes(key), IsTerminal: false, Floor: 0)));
        return result.Status == ClientStatus.Done && TableFormat.TryReadResult(result.Result.Span, out var answer) && answer.Outcome == TableOutcome.Done;
    }

    public string Keys(int node) => Read(node) is { } table ? string.Join(' ', table.Rows.Keys) : "?";

    public bool Saw(int node, AgreementEventKind kind) => Members[node].Events.Exists(happened => happened.Kind == kind);

    public void CarryOut(Member member)
    {
        var outbox = member.Outbox;
        var (requests, replies, proposals, answers) = (outbox.Requests.ToList(), outbox.Replies.ToList(), outbox.Proposals.ToList(), outbox.Answers.ToList());
        Results.AddRange(outbox.Results);
        Surveys.AddRange(outbox.Surveys);
        member.Events.AddRange(outbox.Events);
        outbox.Clear();
        foreach (var (to, request) in requests)
        {
            Post(member, to, there => there.Engine.OnRequest(Now, member.Setup.Self, Copy(request)));
        }

        foreach (var reply in replies)
        {
            if (reply.Record is { } record)
            {
                member.Log.Add(record);
            }

            if (reply.Reply is { } answer)
            {
                Post(member, reply.To.Id, there =>
                {
                    if (there.Setup.Self == reply.To)
                    {
                        there.Engine.OnReply(Now, member.Setup.Self.Id, Copy(answer));
                    }
                });
            }
        }

        foreach (var (to, proposal) in proposals)
        {
            Post(member, to, there => there.Engine.OnProposal(Now, proposal));
        }

        foreach (var answer in answers)
        {
            Post(member, answer.Id.Session.Id, there => there.Engine.OnAnswer(Now, member.Setup.Self.Id, answer));
        }
    }

    private ClientResult Await(long ticket, double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds + 1).Ticks; Now < end && !Results.Exists(result => result.Ticket == ticket);)
        {
            Run(TimeSpan.FromTicks(Step));
        }

        return Results.Find(result => result.Ticket == ticket)!;
    }

    private AcceptorRequest Copy(AcceptorRequest request) =>
        new AgreementFormat(new ValueFormat(_format)).TryRead(AgreementFormat.Encode(request), out AcceptorRequest read) ? read : throw new InvalidDataException($"{request} is not read as it was written.");

    private AcceptorReply Copy(AcceptorReply reply) =>
        new AgreementFormat(new ValueFormat(_format)).TryRead(AgreementFormat.Encode(reply), out AcceptorReply read) ? read : throw new InvalidDataException($"{reply} is not read as it was written.");

    private void Post(Member from, NodeId to, Action<Member> deliver)
    {
        var target = Members.Values.FirstOrDefault(member => member.Setup.Self.Id == to);
        if (target is null)
        {
            return;
        }

        var life = from.Life;
        _mail.Enqueue(
            () =>
            {
                var there = Members[target.Node];
                if (there.IsRunning && from.Life == life && !_cuts.Contains((from.Node, there.Node)))
                {
                    deliver(there);
                    CarryOut(there);
                }
            },
            (Now + TimeSpan.FromMilliseconds(1).Ticks + _random.NextTicks(TimeSpan.FromMilliseconds(10).Ticks), _order++));
    }

    /// <summary>What a node knows of the others: the latest that each told while it could be reached.</summary>
    private IEnumerable<AgreementPeer> Gossip(Member member)
    {
        foreach (var other in Members.Values.Where(other => other.Node != member.Node))
        {
            var isHeard = !_cuts.Contains((member.Node, other.Node));
            if (isHeard)
            {
                member.Heard[other.Node] = new AgreementPeer(
                    other.Setup.Self.Id, other.Setup.Address, other.IsRunning ? PeerPresence.Present : other.Presence, AgreementNotice.Read(other.Engine.Notice.Encode()));
            }

            if (member.Heard.TryGetValue(other.Node, out var heard))
            {
                yield return isHeard ? heard : heard with { Presence = PeerPresence.Dead };
            }
        }
    }

    internal sealed class Member
    {
        public Member(int node, int life, AgreementSetup setup, List<AcceptorRecord> log)
        {
            (Node, Life, Setup, Log) = (node, life, setup, log);
            var acceptor = new Acceptor(setup.Acceptor);
            foreach (var record in log)
            {
                acceptor.Apply(record);
            }

            Engine = new AgreementEngine(setup, acceptor, Outbox);
        }

        public int Node { get; }

        public int Life { get; }

        public AgreementSetup Setup { get; }

        public List<AcceptorRecord> Log { get; }

        public AgreementOutbox Outbox { get; } = new();

        public AgreementEngine Engine { get; }

        public List<AgreementEvent> Events { get; } = [];

        public Dictionary<int, AgreementPeer> Heard { get; } = [];

        public bool IsRunning { get; set; } = true;

        public PeerPresence Presence { get; set; } = PeerPresence.Dead;

        public long GossipAt { get; set; }
    }
}

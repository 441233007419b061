using System.Collections.Immutable;
using System.Text;
using Gossip.Agreement;
using Gossip.Node;
using Gossip.Simulation.Registers;

namespace Gossip.Tests.Agreement;

/// <summary>Acceptors and proposers that talk at once, by real bytes, until nothing is left to say. A test says who does not hear.</summary>
internal sealed class AgreementCluster
{
    public static readonly ProposerTiming Timing = new();
    public static readonly Guid Incarnation = new(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
    private const int MaxAttempts = 4;
    private static readonly ValueFormat Values = new(Notes.None);
    private static readonly AgreementFormat Format = new(Values);
    private readonly Dictionary<AcceptorId, Acceptor> _acceptors = [];
    private readonly List<(Proposer Proposer, ProposerOutbox Outbox)> _proposers = [];
    private long _ticket;

    public AgreementCluster(int acceptors, int seats)
    {
        Ids = [.. Enumerable.Range(1, acceptors).Select(i => Id(i))];
        Opening = new RegisterValue
        {
            Lineage = new Lineage(Incarnation, Guid.Empty, 0),
            Configuration = Configuration.Of(1, Ids[..seats]),
            Position = Position.Origin(Ids[..seats]),
            Sessions = Sessions.None,
            State = Notes.None,
        };
        foreach (var id in Ids)
        {
            _acceptors[id] = new Acceptor(id);
        }

        foreach (var id in Ids[..seats])
        {
            _acceptors[id].Handle(new Install(Ballot.None, Opening) { Register = Opening.Id(default), To = id }, out _);
        }
    }

    public ImmutableArray<AcceptorId> Ids { get; }

    public RegisterValue Opening { get; }

    public long Now { get; set; }

    /// <summary>Who hears nothing.</summary>
    public HashSet<AcceptorId> Deaf { get; } = [];

    /// <summary>Requests for whom this is true are lost.</summary>
    public Func<AcceptorRequest, bool> Loses { get; set; } = _ => false;

    public Func<AcceptorReply, bool> LosesReply { get; set; } = _ => false;

    /// <summary>Where requests to a seat of the founders go.</summary>
    public Dictionary<AcceptorId, AcceptorId> Founders { get; } = [];

    public List<Settled> Settled { get; } = [];

    public List<(ImmutableArray<AcceptorId> Seats, bool Succeeded)> Reconfigured { get; } = [];

    public List<AcceptorId> Lost { get; } = [];

    public List<AcceptorRequest> Sent { get; } = [];

    public Acceptor this[int index] => _acceptors[Ids[index]];

    public static AcceptorId Id(int node, int store = 1) => new(new NodeId((ulong)node), new Guid(store, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

    public static NodeInstance Life(int node, ulong generation = 1) => new(new NodeId((ulong)node), generation);

    public static Change Change(int client, ulong sequence, string text, ulong first = 1) =>
        new(new ChangeId(Life(client), sequence), first, Encoding.ASCII.GetBytes(text));

    public static string Text(RegisterValue? value) => value is null ? "?" : string.Join(' ', ((Notes)value.State).Texts);

    public void Replace(int index, Acceptor acceptor) => _acceptors[Ids[index]] = acceptor;

    /// <summary>A proposer that knows the first epoch.</summary>
    public Proposer Proposer(int node, ulong generation = 1)
    {
        var outbox = new ProposerOutbox();
        var proposer = new Proposer(Life(node, generation), Timing, new SeededRandom((ulong)node), outbox);
        _proposers.Add((proposer, outbox));
        proposer.Follow(Now, Opening.Id(default), Opening.Configuration, null);
        return proposer;
    }

    public Settled Submit(Proposer proposer, Change change, bool insist = true)
    {
        var ticket = ++_ticket;
        proposer.Submit(Now, ticket, change, Now + TimeSpan.FromSeconds(10).Ticks, insist);
        Run();
        return Settled.Find(settled => settled.Ticket == ticket);
    }

    /// <summary>Asks until it is decided, as a client does: the first time the proposer may only learn which ballots were used.</summary>
    public Settled Insist(Proposer proposer, Change change)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (Submit(proposer, change) is { Verdict: Verdict.Decided, Value: not null } settled)
            {
                return settled;
            }

            Pass(Timing.BackoffMax);
        }

        return default;
    }

    /// <summary>Lets time pass, and proposers do what is due.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Now + time.Ticks;
        while (_proposers.Min(item => item.Proposer.NextDeadline) is var next && next <= end)
        {
            Now = Math.Max(Now, next);
            foreach (var (proposer, _) in _proposers.Where(item => item.Proposer.NextDeadline <= Now))
            {
                proposer.OnTick(Now);
            }

            Run();
            Now++;
        }

        Now = end;
    }

    public void Run()
    {
        while (_proposers.Exists(item => item.Outbox.Requests.Count > 0))
        {
            foreach (var (proposer, outbox) in _proposers)
            {
                var requests = outbox.Requests.ToList();
                outbox.Requests.Clear();
                foreach (var request in requests)
                {
                    Sent.Add(request);
                    Call(proposer, request);
                }
            }
        }

        foreach (var (_, outbox) in _proposers)
        {
            Settled.AddRange(outbox.Settled);
            Reconfigured.AddRange(outbox.Reconfigured);
            Lost.AddRange(outbox.Lost);
            outbox.Clear();
        }
    }

    private void Call(Proposer proposer, AcceptorRequest request)
    {
        var to = Founders.GetValueOrDefault(request.To, request.To);
        var there = _acceptors.Values.FirstOrDefault(acceptor => acceptor.Self.Node == to.Node);
        if (there is null || Deaf.Contains(to) || Loses(request) || !Format.TryRead(AgreementFormat.Encode(request), out AcceptorRequest read))
        {
            return;
        }

        there.Handle(read, out var reply);
        if (!LosesReply(reply) && Format.TryRead(AgreementFormat.Encode(reply), out AcceptorReply answer))
        {
            proposer.OnReply(Now, answer);
        }
    }
}

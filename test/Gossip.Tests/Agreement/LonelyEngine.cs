using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Tables;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>One engine whose store holds a register, and that is told by the test what the others say.</summary>
internal sealed class LonelyEngine
{
    private readonly AgreementSetup _setup;
    private long _ticket;

    /// <param name="node">Which node it is. The seats are those of nodes 0, 1 and 2.</param>
    /// <param name="hasSeat">Whether its store has one.</param>
    /// <param name="then">What its store did since.</param>
    /// <param name="life">Which life of the node it is: no two draw the same numbers.</param>
    public LonelyEngine(int node, bool hasSeat = true, Action<Acceptor>? then = null, ulong life = 1)
    {
        _setup = Founder(node, Listed(3)) with { Format = TableFormat.Instance, RandomSeed = life };
        var acceptor = new Acceptor(_setup.Acceptor);
        if (hasSeat)
        {
            acceptor.Apply(new InstallRecord(Ballot.None, Value));
        }

        then?.Invoke(acceptor);
        Engine = new AgreementEngine(_setup, acceptor, Outbox);
        Engine.Start(Now);
    }

    public static Lineage Lineage { get; } = new(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Guid.Empty, 0);

    public static Configuration Seats { get; } = Configuration.Of(1, [Acceptor(0), Acceptor(1), Acceptor(2)]);

    public static RegisterValue Value { get; } = new()
    {
        Lineage = Lineage,
        Configuration = Seats,
        Position = Position.Origin([Acceptor(0)]),
        Sessions = Sessions.None,
        State = TableState.Empty,
    };

    public long Now { get; private set; } = TimeSpan.FromHours(1).Ticks;

    public AgreementOutbox Outbox { get; } = new();

    public AgreementEngine Engine { get; }

    /// <summary>A member that is here and belongs to the register.</summary>
    public static AgreementPeer Here(int node, int store = 1, Configuration? tells = null, Lineage? lineage = null) =>
        Peer(Founder(node, Listed(3), store: store)) is var peer ? peer with { Notice = peer.Notice! with { Lineage = lineage ?? Lineage, Configuration = tells } } : peer;

    public static AgreementPeer Gone(int node) => Here(node) with { Presence = PeerPresence.Dead };

    public void Hears(params AgreementPeer[] peers) => Engine.OnPeers(Now, peers);

    public void Wait(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds).Ticks; Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(50).Ticks;
            if (Engine.NextDeadline <= Now)
            {
                Engine.OnTick(Now);
            }
        }
    }

    /// <summary>Waits while what the engine asks of its own acceptor, and the answer, arrive.</summary>
    public void Converse(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds).Ticks; Now < end;)
        {
            Wait(0.05);
            var requests = Outbox.Requests.Where(item => item.To == _setup.Self.Id).ToList();
            Outbox.Requests.Clear();
            requests.ForEach(item => Engine.OnRequest(Now, _setup.Self, item.Request));
            var replies = Outbox.Replies.Where(reply => reply.To == _setup.Self && reply.Reply is not null).ToList();
            Outbox.Replies.Clear();
            replies.ForEach(reply => Engine.OnReply(Now, _setup.Self.Id, reply.Reply!));
        }
    }

    /// <summary>Asks for a survey, and returns what it asks the others.</summary>
    public ImmutableArray<Inquiry> Survey(bool recovers)
    {
        Outbox.Clear();
        if (recovers)
        {
            Engine.Recover(Now, ++_ticket);
        }
        else
        {
            Engine.Survey(Now, ++_ticket);
        }

        Wait(0.1);
        return [.. Outbox.Requests.Select(item => item.Request).OfType<Inquiry>()];
    }

    /// <summary>What the engine tells of the register.</summary>
    public Testimony Testimony()
    {
        Outbox.Clear();
        var inquiry = new Inquiry(WantsValue: false) { Register = new RegisterId(Lineage.Incarnation, 0), To = Acceptor(0), Tag = 1 };
        Engine.OnRequest(Now, new NodeInstance(Acceptor(0).Node, 1), inquiry);
        return Outbox.Replies.Select(reply => reply.Reply).OfType<Testimony>().Single();
    }
}

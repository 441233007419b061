using System.Net;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>A node that founds alone, and the seeds that may know better.</summary>
public sealed class SingleFounderTests
{
    private const string Seed = "127.0.0.1:2";
    private const string Name = "seed.example:7";
    private static readonly long Wait = new FoundingTiming().Completeness.Ticks;
    private static readonly long Step = TimeSpan.FromMilliseconds(100).Ticks;
    private static readonly Lineage Theirs = new(AgreementCluster.Incarnation, Guid.Empty, 0);
    private static readonly Guid Seeds = AgreementCluster.Id(2).Store;
    private readonly AgreementOutbox _outbox = new();
    private long _now = 1;

    [Theory]
    [InlineData(false)]
    [InlineData(true, Seed)]
    [InlineData(false, "127.0.0.1:1")] // its own address
    public void It_founds_at_once_when_it_was_told_of_nobody_or_would_know(bool isDurable, params string[] seeds)
    {
        var engine = Start(isDurable, seeds);
        Pass(engine, TimeSpan.FromSeconds(1).Ticks);
        Assert.Equal(1, engine.Configuration?.Epoch);
    }

    [Fact]
    public void It_waits_for_its_seeds_says_so_and_founds_when_they_stay_silent()
    {
        var engine = Start(isDurable: false, Seed, Name);
        Pass(engine, Wait - Step);
        Assert.Null(engine.Configuration);
        Assert.Contains($"{Seed}, {Name}", engine.Diagnosis(_now), StringComparison.Ordinal);

        Pass(engine, TimeSpan.FromSeconds(1).Ticks);
        Assert.Equal(1, engine.Configuration?.Epoch);
    }

    [Fact]
    public void It_joins_what_a_seed_knows_and_never_founds_beside_it()
    {
        var engine = Start(isDurable: false, Seed, Name);
        Pass(engine, Wait / 2);
        engine.OnPeers(_now, [Peer(new AgreementNotice { Store = Seeds, Lineage = Theirs, Configuration = Configuration.Of(3, [AgreementCluster.Id(2)]) })]);
        Pass(engine, 2 * Wait);
        Assert.Equal((Theirs, 3), (engine.Lineage, engine.Configuration?.Epoch));
    }

    [Fact]
    public void It_never_founds_beside_what_a_seed_knows_though_it_cannot_tell_who_decides()
    {
        var engine = Start(isDurable: false, Seed);
        Pass(engine, Wait / 2);
        engine.OnPeers(_now, [Peer(new AgreementNotice { Store = Seeds, Lineage = Theirs })]);
        Pass(engine, 2 * Wait);
        Assert.Null(engine.Configuration);
        Assert.Contains(Seed, engine.Diagnosis(_now), StringComparison.Ordinal);
    }

    [Fact]
    public void It_founds_as_soon_as_all_seeds_were_heard_and_know_nothing()
    {
        var engine = Start(isDurable: false, Seed);
        Pass(engine, Wait / 4);
        engine.OnPeers(_now, [Peer(new AgreementNotice { Store = Seeds })]);
        Pass(engine, TimeSpan.FromSeconds(1).Ticks);
        Assert.Equal(1, engine.Configuration?.Epoch);
    }

    private static AgreementPeer Peer(AgreementNotice notice) =>
        new(AgreementCluster.Id(2).Node, NodeEndpoint.From(IPAddress.Loopback, 2), PeerPresence.Present, notice);

    private AgreementEngine Start(bool isDurable, params string[] seeds)
    {
        var acceptor = AgreementCluster.Id(1);
        var engine = new AgreementEngine(
            new AgreementSetup
            {
                Self = AgreementCluster.Life(1),
                Acceptor = acceptor,
                Address = NodeEndpoint.From(IPAddress.Loopback, 1),
                Cluster = "single",
                Format = TableFormat.Instance,
                Founding = new FoundingPlan(FoundingKind.Alone, []) { Seeds = [.. seeds] },
                IsDurable = isDurable,
                RandomSeed = 1,
            },
            new Acceptor(acceptor),
            _outbox);
        engine.Start(_now);
        return engine;
    }

    /// <summary>Lets time pass, in which the node talks to itself.</summary>
    private void Pass(AgreementEngine engine, long time)
    {
        for (var end = _now + time; _now < end; _now += Step)
        {
            engine.OnTick(_now);
            while (_outbox.Requests.Count + _outbox.Replies.Count > 0)
            {
                var (requests, replies) = (_outbox.Requests.ToArray(), _outbox.Replies.ToArray());
                _outbox.Clear();
                foreach (var (to, request) in requests.Where(item => item.To == AgreementCluster.Id(1).Node))
                {
                    engine.OnRequest(_now, AgreementCluster.Life(1), request);
                }

                foreach (var gated in replies.Where(item => item.Reply is not null))
                {
                    engine.OnReply(_now, gated.To.Id, gated.Reply!);
                }
            }
        }
    }
}

using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>A client c of the members a and b.</summary>
public class ClientContactTests
{
    private const long Token = 7;

    /// <summary>Three questions that nobody answers, and the next one is somebody else's.</summary>
    private const int IntervalsUntilLost = 4;

    private readonly EngineHarness _a = EngineHarness.Started('a', 'b');
    private readonly EngineHarness _b = EngineHarness.Started('b', 'a');
    private readonly EngineHarness _c = Client();
    private readonly List<SentPacket> _ofClient = [];
    private readonly List<char> _askedLast = [];

    private TimeSpan Interval => _c.Options.Timing.ProbeInterval;

    [Fact]
    public void A_client_learns_all_and_tells_nothing()
    {
        Join();
        Assert.Equal(MemberState.Alive, _c.Member('a').State);
        Assert.Equal(MemberState.Alive, _c.Member('b').State);
        Assert.Equal(MemberState.Alive, _c.Engine.Table.Local.State);

        // What it hears on the way is news to it, and still no rumour.
        _c.Receive(Connection('a'), TestPacket.Of(TestNodes.Instance('a'), (ref WireWriter writer) => TestNodes.Says('d', MemberState.Alive).Write(ref writer)));
        _c.Receive(Connection('a'), TestPacket.Of(TestNodes.Instance('a'), (ref WireWriter writer) => TestNodes.Says('b', MemberState.Suspect).Write(ref writer)));
        for (var i = 0; i < 20; i++)
        {
            Pass();
        }

        _c.Do((engine, now) => engine.Leave(now));
        Exchange();
        Assert.Equal(2, _a.Engine.Table.Count);
        Assert.Equal(2, _b.Engine.Table.Count);
        Assert.Equal(0, _c.Engine.SystemRumours.Count);
        Assert.All(_ofClient, packet => Assert.NotEqual(TransmitPath.Datagram, packet.Path));
        Assert.Contains(_c.Events, settled => settled.Kind == EngineEventKind.LeaveSettled);
    }

    [Fact]
    public void A_silent_contact_is_replaced()
    {
        Join();
        var contact = Contact();
        var other = contact == 'a' ? 'b' : 'a';
        for (var i = 0; i < IntervalsUntilLost; i++)
        {
            Pass(silent: contact);
        }

        Assert.Equal(other, Contact());
        for (var i = 0; i < 10; i++)
        {
            Pass(silent: contact);
            Assert.Equal([other], _askedLast);
        }
    }

    [Fact]
    public void A_refused_contact_is_replaced_at_once()
    {
        Join();
        var contact = Contact();
        _c.Do((engine, now) => engine.OnUndeliverable(now, TestNodes.Endpoint(contact), refused: true));
        _c.Advance(TimeSpan.Zero);
        Exchange();
        Assert.Equal([contact == 'a' ? 'b' : 'a'], _askedLast);
    }

    [Fact]
    public void A_client_that_reaches_nobody_forgets_all_and_can_join_anew()
    {
        Join();
        for (var i = 0; i < 2 * IntervalsUntilLost; i++)
        {
            Pass("ab");
        }

        Assert.Equal(1, _c.Engine.Table.Count);
        Join();
        Assert.Equal(MemberState.Alive, _c.Member('b').State);
    }

    /// <summary>A member doubts an old death and lets the dead refute; a client would wait for ever.</summary>
    [Fact]
    public void An_old_death_is_believed_and_a_refutation_too()
    {
        Join();
        var death = TestNodes.Says('b', MemberState.Dead) with { History = true };
        _c.Receive(Connection('a'), TestPacket.Of(TestNodes.Instance('a'), (ref WireWriter writer) => death.Write(ref writer)));
        Assert.Equal(MemberState.Dead, _c.Member('b').State);
        _c.Receive(Connection('a'), TestPacket.Of(TestNodes.Instance('a'), (ref WireWriter writer) => TestNodes.Says('b', MemberState.Alive, 1).Write(ref writer)));
        Assert.Equal(MemberState.Alive, _c.Member('b').State);
    }

    [Fact]
    public void A_suspicion_never_runs_out_at_a_client()
    {
        Join();
        _c.Receive(Connection('a'), TestPacket.Of(TestNodes.Instance('a'), (ref WireWriter writer) => TestNodes.Says('b', MemberState.Suspect).Write(ref writer)));
        for (var i = 0; i < 100; i++)
        {
            Pass();
        }

        Assert.NotEqual(MemberState.Dead, _c.Member('b').State);
    }

    [Fact]
    public void Whoever_tells_of_a_client_is_not_heard()
    {
        var statement = TestNodes.Says('c', MemberState.Alive) with { Traits = MemberTraits.Client };
        _a.Hear('b', statement);
        var disguise = TestNodes.Says('b', MemberState.Dead) with { Traits = MemberTraits.Client };
        _a.Hear('x', disguise);
        Assert.Equal(2, _a.Engine.Table.Count);
        Assert.Equal(MemberState.Alive, _a.Member('b').State);
    }

    private static EngineHarness Client()
    {
        var client = new EngineHarness(TestNodes.Options('c') with { Endpoint = NodeEndpoint.Nowhere, Traits = MemberTraits.Client | MemberTraits.StreamOnly });
        client.Do((engine, now) => engine.Start(now, joining: true));
        return client;
    }

    private static PacketSource Connection(char member) => new(TestNodes.Endpoint(member), member);

    private void Join()
    {
        _c.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));
        Exchange();
        Pass();
    }

    private char Contact()
    {
        Pass();
        return Assert.Single(_askedLast);
    }

    private void Pass(char silent) => Pass($"{silent}");

    /// <summary>One interval passes for the client.</summary>
    private void Pass(string silent = "")
    {
        _c.Advance(Interval);
        Exchange(silent);
    }

    /// <summary>Carries what the client says to the members and their answers back, until nobody says anything more. What members say to each other is left out.</summary>
    private void Exchange(string silent = "")
    {
        _askedLast.Clear();
        while (_c.Take() is { Count: > 0 } said)
        {
            _ofClient.AddRange(said);
            foreach (var packet in said)
            {
                // An answer to what a member asked goes back on its connection, and the connection's number is the member.
                var member = packet.To == TestNodes.Endpoint('a') ? 'a' : 'b';
                if (!_askedLast.Contains(member))
                {
                    _askedLast.Add(member);
                }

                if (silent.Contains(member, StringComparison.Ordinal))
                {
                    continue;
                }

                var host = member == 'a' ? _a : _b;
                host.Take();
                host.Receive(new PacketSource(default, Token), packet.Bytes);
                foreach (var answer in host.Take().Where(answer => answer.Path == TransmitPath.Connection))
                {
                    _c.Receive(Connection(member), answer.Bytes);
                }
            }
        }
    }
}

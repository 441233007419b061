using System.Net;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Messaging;
using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Joins through names with several addresses; where the transport leads nobody is, or nobody answers.</summary>
public sealed class JoinerTests : IAsyncDisposable
{
    private static readonly NodeEndpoint Self = TestNodes.Endpoint('a');
    private static readonly NodeEndpoint Silent = TestNodes.Endpoint('b');
    private static readonly NodeEndpoint Closed = TestNodes.Endpoint('c');
    private static readonly NodeEndpoint Open = TestNodes.Endpoint('d');

    private readonly TestClock _clock = new();
    private readonly KeptTransport _transport = new();
    private readonly Pump _pump;
    private readonly Joiner _joiner;
    private IPAddress[] _addresses = [];
    private int _lookups;
    private int _settledSilent;

    public JoinerTests()
    {
        Joiner? joiner = null;
        var owner = new ScriptedOwner
        {
            Event = item =>
            {
                if (item.Kind == EngineEventKind.JoinSettled)
                {
                    _settledSilent += item.Endpoint == Silent ? 1 : 0;
                    joiner!.OnSettled(item.Endpoint == Open
                        ? new EngineEvent(EngineEventKind.JoinSettled) { Token = item.Token, Endpoint = Open, Status = JoinStatus.Accepted, Subject = TestNodes.Instance('d') }
                        : item);
                }
            },
        };
        _pump = new Pump(_transport, TestNodes.Options('a'), owner, TimeProvider.System);
        _joiner = joiner = new Joiner(_pump, new SeedResolver(LookUpAsync), () => Self, _clock);
        _transport.Sent = to =>
        {
            if (to != Silent)
            {
                _pump.OnFrameUndeliverable(to, [], new IOException());
            }
        };
        _pump.Start();
    }

    [Fact]
    public async Task An_address_that_is_silent_does_not_hold_up_the_next_one()
    {
        _addresses = [Silent.ToIPAddress(), Open.ToIPAddress()];
        var joining = JoinAsync();
        await Awaiting.UntilAsync(() => _transport.FramesTo.Length > 0);
        Assert.All(_transport.FramesTo, to => Assert.Equal(Silent, to));
        _clock.Advance(StaggeredAttempts.Delay);
        Assert.Equal(TestNodes.Instance('d'), (await joining.InTime()).By);
        Assert.Equal(0, _settledSilent);
    }

    [Fact]
    public async Task When_all_fail_the_result_tells_of_each_endpoint_and_names_are_looked_up_each_time()
    {
        _addresses = [Closed.ToIPAddress(), TestNodes.Endpoint('e').ToIPAddress(), Self.ToIPAddress()];
        for (var round = 1; round <= 2; round++)
        {
            var result = await JoinAsync().InTime();
            Assert.Equal(JoinFailure.Unreachable, result.Failure);
            Assert.Contains("stands for 2 endpoints", result.Error!.Message, StringComparison.Ordinal);
            Assert.Contains(Closed.ToString(), result.Error.Message, StringComparison.Ordinal);
            Assert.Contains(TestNodes.Endpoint('e').ToString(), result.Error.Message, StringComparison.Ordinal);
            Assert.Equal(round, _lookups);
        }
    }

    [Fact]
    public async Task A_name_that_stands_for_this_node_alone_is_itself()
    {
        _addresses = [Self.ToIPAddress()];
        Assert.Equal(JoinFailure.Self, (await JoinAsync().InTime()).Failure);
        Assert.Empty(_transport.FramesTo);
    }

    public ValueTask DisposeAsync() => _pump.DisposeAsync();

    private Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        _lookups++;
        return Task.FromResult(_addresses);
    }

    private async Task<JoinResult> JoinAsync() => Assert.Single(await _joiner.JoinAsync([$"name:{TestNodes.Port}"], TestContext.Current.CancellationToken));
}

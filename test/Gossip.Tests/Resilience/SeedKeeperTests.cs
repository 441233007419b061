using System.Net;
using System.Threading.Channels;
using Gossip.Discovery;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Which seeds go on being tried: all lookups and joins of this node end in a kept transport.</summary>
public sealed class SeedKeeperTests : IAsyncDisposable
{
    private const int Rounds = 3;
    private static readonly NodeEndpoint Self = TestNodes.Endpoint('a');
    private static readonly NodeEndpoint Other = TestNodes.Endpoint('b');
    private static readonly NodeEndpoint Third = TestNodes.Endpoint('c');
    private static readonly string SeedOfThird = $"{Third.ToIPAddress()}:{TestNodes.Port}";

    private readonly SleepClock _clock = new();
    private readonly KeptTransport _transport = new();
    private readonly Pump _pump;
    private readonly SeedKeeper _keeper;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ViewFeed _views = new(View());
    private readonly Dictionary<NodeEndpoint, NodeEndpoint> _doors = []; // where a join succeeds, and who is behind
    private Task _running = Task.CompletedTask;
    private Action _wake = () => { };
    private volatile string[] _provided = [];

    public SeedKeeperTests()
    {
        Joiner? joiner = null;
        var owner = new ScriptedOwner { Event = item => Settle(joiner!, item) };
        _pump = new Pump(_transport, TestNodes.Options('a'), owner, TimeProvider.System);
        joiner = new Joiner(_pump, new SeedResolver(PairAsync), () => Self, TimeProvider.System);
        _keeper = new SeedKeeper(joiner, _views, new SeedSources([SeedProvider.From(_ => new([.. _provided]))], TimeProvider.System, NullLogger.Instance), _clock, NullLogger.Instance, SeedKeeper.LastDelay);
        _transport.Sent = to => _pump.OnFrameUndeliverable(to, [], new IOException()); // nobody is there: each join ends at once
        _pump.Start();
    }

    [Fact]
    public async Task A_name_for_this_node_and_another_is_tried_until_the_other_is_there()
    {
        await RunAsync("pair", guessed: false);
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Other, Rounds), _transport.FramesTo);

        _views.Publish(View(Other));
        _wake();
        _ = await _clock.Sleeps.NextAsync(); // now it waits for somebody to come or go
        Assert.Equal(Rounds, _transport.FramesTo.Length);

        _views.Publish(View());
        _wake = await _clock.Sleeps.NextAsync();
        await RoundsAsync();
        Assert.Equal(2 * Rounds, _transport.FramesTo.Length);
    }

    /// <summary>Five containers that stood behind one name formed a group of two and one of three, and never met.</summary>
    [Fact]
    public async Task Of_a_name_for_many_whoever_is_not_known_is_tried_while_others_are()
    {
        _views.Publish(View(Other));
        await RunAsync("all", guessed: false);
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Third, Rounds), _transport.FramesTo);
    }

    [Fact]
    public async Task A_second_address_of_a_member_is_tried_once_as_long_as_that_member_is_there()
    {
        _doors[Third] = Other;
        _views.Publish(View(Other));
        await RunAsync("all", guessed: false);
        _wake();
        _wake = await _clock.Sleeps.NextAsync();
        Assert.Equal([Third], _transport.FramesTo);
        _wake();
        _wake = await _clock.Sleeps.NextAsync(); // now it waits for somebody to come or go
        Assert.Equal([Third], _transport.FramesTo);

        _views.Publish(View());
        _wake();
        _wake = await _clock.Sleeps.NextAsync();
        _wake();
        _wake = await _clock.Sleeps.NextAsync();
        Assert.Equal([Third, Other, Third], _transport.FramesTo);
    }

    [Fact]
    public async Task What_a_provider_says_is_tried_from_then_on_and_no_longer_than_it_says_so()
    {
        _views.Publish(View(Other));
        await RunAsync($"{Other.ToIPAddress()}", guessed: false);
        _wake();
        _wake = await _clock.Sleeps.NextAsync(); // nobody is missing
        Assert.Empty(_transport.FramesTo);

        _provided = [SeedOfThird];
        _wake();
        _wake = await _clock.Sleeps.NextAsync();
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Third, Rounds), _transport.FramesTo);

        _provided = [];
        _wake();
        _wake = await _clock.Sleeps.NextAsync();
        Assert.Equal(Rounds, _transport.FramesTo.Length);
    }

    [Theory]
    [InlineData(false, Rounds)]
    [InlineData(true, 0)]
    public async Task An_address_is_tried_also_while_others_are_known_unless_it_was_guessed(bool guessed, int tries)
    {
        _views.Publish(View(Other));
        await RunAsync(SeedOfThird, guessed);
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Third, tries), _transport.FramesTo);
    }

    [Fact]
    public async Task A_guess_is_tried_while_the_node_is_alone()
    {
        await RunAsync(SeedOfThird, guessed: true);
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Third, Rounds), _transport.FramesTo);
    }

    [Fact]
    public async Task A_guess_that_somebody_asks_for_is_a_guess_no_more()
    {
        _views.Publish(View(Other));
        _keeper.Add([SeedOfThird], guessed: false);
        await RunAsync(SeedOfThird, guessed: true);
        await RoundsAsync();
        Assert.Equal(Enumerable.Repeat(Third, Rounds), _transport.FramesTo);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pump.DisposeAsync();
        _stop.Dispose();
    }

    private static Task<IPAddress[]> PairAsync(string host, CancellationToken cancellationToken) =>
        Task.FromResult<IPAddress[]>(host == "pair" ? [Self.ToIPAddress(), Other.ToIPAddress()] : [Self.ToIPAddress(), Other.ToIPAddress(), Third.ToIPAddress()]);

    private void Settle(Joiner joiner, in EngineEvent item)
    {
        if (item.Kind == EngineEventKind.JoinSettled)
        {
            joiner.OnSettled(_doors.TryGetValue(item.Endpoint, out var behind)
                ? new EngineEvent(EngineEventKind.JoinSettled) { Token = item.Token, Endpoint = item.Endpoint, Status = JoinStatus.Accepted, Subject = TestNodes.Instance(TestNodes.Name(behind)) }
                : item);
        }
    }

    private static ClusterView View(params ReadOnlySpan<NodeEndpoint> others)
    {
        var local = Member(Self, isLocal: true);
        List<ClusterMember> members = [local];
        foreach (var other in others)
        {
            members.Add(Member(other, isLocal: false));
        }

        return new ClusterView(1, local, [.. members.OrderBy(member => member.Id)]);
    }

    private static ClusterMember Member(in NodeEndpoint endpoint, bool isLocal) => new()
    {
        Instance = TestNodes.Instance(TestNodes.Name(endpoint)),
        Address = endpoint.ToIPEndPoint(),
        State = MemberState.Alive,
        Incarnation = 0,
        IsLocal = isLocal,
    };

    private async Task RunAsync(string seed, bool guessed)
    {
        var address = seed.Contains(':', StringComparison.Ordinal) ? seed : $"{seed}:{TestNodes.Port}";
        _keeper.Add([address], guessed);
        _running = Task.Run(() => _keeper.RunAsync(_stop.Token));
        _wake = await _clock.Sleeps.NextAsync();
    }

    /// <summary>Lets the keeper go round; a round is over when it sleeps again.</summary>
    private async Task RoundsAsync()
    {
        for (var i = 0; i < Rounds; i++)
        {
            _wake();
            _wake = await _clock.Sleeps.NextAsync();
        }
    }

    /// <summary>Whoever sleeps by this clock sleeps until he is woken.</summary>
    private sealed class SleepClock : TimeProvider
    {
        public Channel<Action> Sleeps { get; } = Channel.CreateUnbounded<Action>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Sleeps.Writer.TryWrite(() => callback(state));
            return new Sleep();
        }

        private sealed class Sleep : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}

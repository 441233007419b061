using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Performance;

/// <summary>What probes between two nodes over real sockets leave for the collector, on the threads that read them: nothing.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class LoopbackAllocationTests
{
    private const int Datagrams = 1000;
    private const int Windows = 5;

    /// <summary>Probes as fast as they are answered, and patience enough that a busy machine raises no suspicion.</summary>
    private static readonly ProtocolTiming Timing = ProtocolTiming.Local with
    {
        ProbeInterval = TimeSpan.FromMilliseconds(2),
        ProbeTimeout = TimeSpan.FromSeconds(2),
        IndirectTimeout = TimeSpan.FromSeconds(2),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probes_and_acks_are_read_and_answered_without_allocating(bool isSealed)
    {
        await using var one = new Station('a', isSealed);
        await using var other = new Station('b', isSealed);
        await one.DoAsync((engine, now) => engine.Join(now, other.Meter.LocalEndpoint, 1));
        await Awaiting.UntilAsync(async () => await one.AliveAsync() == 2 && await other.AliveAsync() == 2);
        await WindowAsync(one.Meter, other.Meter); // the methods are compiled, and every list finds its size

        var least = long.MaxValue;
        for (var i = 0; i < Windows && least > 0; i++)
        {
            least = Math.Min(least, await WindowAsync(one.Meter, other.Meter));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{(double)least / Datagrams:N2} bytes per datagram");
        Assert.Equal(0, least);
    }

    /// <summary>What both readers allocate while many datagrams arrive at each.</summary>
    private static async Task<long> WindowAsync(ReaderMeter one, ReaderMeter other)
    {
        var allocated = one.Allocated + other.Allocated;
        var (untilOne, untilOther) = (one.Datagrams + Datagrams, other.Datagrams + Datagrams);
        await Awaiting.UntilAsync(() => one.Datagrams >= untilOne && other.Datagrams >= untilOther);
        return one.Allocated + other.Allocated - allocated;
    }

    /// <summary>All of a node below its messaging.</summary>
    private sealed class Station : ISealedTransportOwner, IAsyncDisposable
    {
        private readonly SealedTransport _transport;
        private readonly Pump _pump;

        public Station(char name, bool isSealed)
        {
            Meter = new ReaderMeter(SocketTransport.Bind(new TransportOptions { BindEndpoint = LoopbackNode.AnyPort }));
            _transport = new SealedTransport(
                Meter,
                new GossipKeys(isSealed ? KeyRing.Parse([SealBench.Key]) : KeyRing.Empty),
                new SealScope("orders", "eu"),
                new SealCapacity(16, 16),
                this,
                TimeProvider.System);
            var options = TestNodes.Options(name, name) with { Endpoint = Meter.LocalEndpoint, Timing = Timing, MaxDatagramSize = 1300 };
            _pump = new Pump(_transport, options, new ScriptedOwner(), TimeProvider.System);
            _pump.Start();
            _ = DoAsync((engine, now) => engine.Start(now, joining: false));
        }

        public ReaderMeter Meter { get; }

        public Task<int> AliveAsync() => _pump.CallAsync(
            (engine, _) => engine.Table.All.Count(member => member.State == MemberState.Alive), TestContext.Current.CancellationToken);

        public Task<bool> DoAsync(Action<GossipEngine, Moment> command) => _pump.CallAsync(
            (engine, now) =>
            {
                command(engine, now);
                return true;
            },
            TestContext.Current.CancellationToken);

        public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId) => Assert.Fail($"A packet was refused: {verdict}.");

        public void OnNotUnderstood(in NodeEndpoint from, byte keyId)
        {
        }

        public void OnKeyMismatch(in NodeEndpoint dialled)
        {
        }

        public async ValueTask DisposeAsync()
        {
            await _transport.DisposeAsync();
            await _pump.DisposeAsync();
        }
    }
}

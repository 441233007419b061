using System.Net.Sockets;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>The network of all nodes goes away, so that every send fails at once, and comes back.</summary>
public sealed class NetworkOutageTests
{
    private const string Names = "abc";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_whose_every_send_fails_for_a_while_heals_by_itself()
    {
        var network = new InMemoryNetwork();
        var ends = Names.Select(name => new End(network, name)).ToArray();
        try
        {
            foreach (var end in ends)
            {
                end.Pump.Start();
                await end.DoAsync((engine, now) =>
                {
                    engine.Start(now, joining: false);
                    engine.Join(now, TestNodes.Endpoint(Names[0]), 1);
                });
            }

            await AllSeeAsync(ends, MemberState.Alive);
            SetDown(network, ends, down: true);
            await AllSeeAsync(ends, MemberState.Dead);
            Assert.All(ends, end => Assert.True(end.Failures > 0));

            SetDown(network, ends, down: false);
            await AllSeeAsync(ends, MemberState.Alive);
            Assert.All(ends, end => Assert.False(end.Owner.Failure.Task.IsCompleted));
        }
        finally
        {
            foreach (var end in ends)
            {
                await end.DisposeAsync();
            }
        }
    }

    private static void SetDown(InMemoryNetwork network, End[] ends, bool down)
    {
        foreach (var end in ends)
        {
            end.Down = down;
            foreach (var other in ends.Where(other => other != end))
            {
                Action<NodeEndpoint, NodeEndpoint> change = down ? network.Cut : network.Heal;
                change(end.LocalEndpoint, other.LocalEndpoint);
            }
        }
    }

    private static async Task AllSeeAsync(End[] ends, MemberState state)
    {
        foreach (var end in ends)
        {
            await Awaiting.UntilAsync(async () => await end.Pump.CallAsync(
                (engine, _) => ends.All(other => other == end || (engine.Table.TryFind(other.Id, out var member) && member.State == state)), Cancellation));
        }
    }

    /// <summary>A pump on a network that can be down: then each send fails as the system's would.</summary>
    private sealed class End : ITransport
    {
        private readonly InMemoryTransport _inner;
        private ITransportSink? _sink;
        private int _failures;

        public End(InMemoryNetwork network, char name)
        {
            _inner = network.Bind(TestNodes.Endpoint(name));
            Id = TestNodes.Id(name);
            Pump = new Pump(this, TestNodes.Options(name, name) with { Timing = ProtocolTiming.Local }, Owner, TimeProvider.System);
        }

        public NodeId Id { get; }

        public Pump Pump { get; }

        public ScriptedOwner Owner { get; } = new();

        public bool Down { get; set; }

        public int Failures => Volatile.Read(ref _failures);

        public NodeEndpoint LocalEndpoint => _inner.LocalEndpoint;

        public bool StreamOnly => false;

        public Task<bool> DoAsync(Action<GossipEngine, Moment> command) => Pump.CallAsync(
            (engine, now) =>
            {
                command(engine, now);
                return true;
            },
            Cancellation);

        public void Start(ITransportSink sink)
        {
            _sink = sink;
            _inner.Start(sink);
        }

        public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
        {
            if (!Down)
            {
                return _inner.TrySendDatagram(to, packet);
            }

            _sink!.OnDatagramSendFailed(to, Fail());
            return false;
        }

        public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet)
        {
            if (!Down)
            {
                return _inner.TrySendFrame(to, packet);
            }

            _sink!.OnFrameUndeliverable(to, packet, Fail());
            return true;
        }

        public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) =>
            Down ? throw Fail() : _inner.SendFrameAsync(to, packet, cancellationToken);

        public void BindConnection(ITransportConnection connection, in NodeEndpoint peer) => _inner.BindConnection(connection, peer);

        public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason) => _inner.Disconnect(peer, keep, reason);

        public async ValueTask DisposeAsync()
        {
            await _inner.DisposeAsync();
            await Pump.DisposeAsync();
        }

        private SocketException Fail()
        {
            Interlocked.Increment(ref _failures);
            return new SocketException((int)SocketError.NetworkUnreachable);
        }
    }
}

using Gossip.Messaging;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Messaging;

public class RequestTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_answered()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var typed = b.Messages.HandleRequest<Order, Receipt>((order, context, _) =>
        {
            Assert.Equal(MessageVerb.Request, context.Verb);
            return new(new Receipt(order.Number, 42));
        });
        using var raw = b.Messages.HandleRequest(Type, (context, _) => new(MessagePayload.FromText(context.ReadText() + "!")));
        Assert.Equal(new Receipt(7, 42), await cluster.Run(a.Messages.RequestAsync<Order, Receipt>(b.Id, new Order(7, "tea"), cancellationToken: Token)));
        Assert.Equal("hi!", (await cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.FromText("hi"), cancellationToken: Token))).ReadText());
        Assert.Equal(0, a.Messages.InFlight);
    }

    [Fact]
    public async Task Each_failure_is_typed()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        Assert.Equal(Type, (await Fails<NoHandlerException>()).Type);
        using (b.Messages.HandleRequest(Type, (_, _) => throw new InvalidOperationException(new string('x', 5000))))
        {
            var remote = await Fails<RemoteHandlerException>();
            Assert.Equal("System.InvalidOperationException", remote.RemoteType);
            Assert.Equal(new string('x', 2048), remote.RemoteMessage);
            Assert.Equal(b.Self, remote.Target);
        }

        using (b.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromBytes(new byte[new MessagingOptions().MaxMessageBytes + 1]))))
        {
            Assert.Equal("Gossip.MessageTooLargeException", (await Fails<RemoteHandlerException>()).RemoteType);
        }

        using (b.Messages.HandleRequest(Type, (_, _) => new(new MessagePayload((PayloadKind)9, default))))
        {
            await Fails<RequestRefusedException>();
        }

        cluster.Network.Faults = new Faults { Drop = 1 };
        await Fails<RequestTimeoutException>();
        cluster.Network.Faults = new Faults { Fail = 1 };
        await Fails<MemberUnreachableException>();
        await Assert.ThrowsAsync<MemberUnreachableException>(() => a.Messages.RequestAsync(new NodeId(999), Type, MessagePayload.Empty, cancellationToken: Token));
        await Assert.ThrowsAsync<MemberUnreachableException>(() => a.Messages.RequestAsync(a.Id, Type, MessagePayload.Empty, cancellationToken: Token));

        cluster.Network.Faults = new Faults { Drop = 1 };
        var request = a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token);
        b.State = MemberState.Dead;
        cluster.Publish();
        await Assert.ThrowsAsync<MemberUnreachableException>(() => request);

        Task<T> Fails<T>()
            where T : Exception =>
            Assert.ThrowsAsync<T>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token)));
    }

    /// <summary>
    /// The handler's token fires when the requester's time is over, so its exception and the requester's timeout race. A sample saw an error of the handler where most runs saw a timeout.
    /// </summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_handler_that_its_deadline_cancels_says_nothing_and_one_that_gives_up_by_itself_does(bool byDeadline, int answers)
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var running = new TaskCompletionSource();
        using var handler = b.Messages.HandleRequest(Type, async (_, token) =>
        {
            running.SetResult();
            await (byDeadline ? Task.Delay(Timeout.Infinite, token) : Task.FromCanceled(new CancellationToken(canceled: true)));
            return MessagePayload.Empty;
        });
        var connection = new RecordingConnection();
        var body = Envelope.EncodeBody(MessageMode.Request, Type, MessagePayload.Empty, cluster.Clock.GetUtcNow(), null, TimeSpan.FromSeconds(1));
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Data, 0, b.ClusterHash, a.Self);
        var packet = new byte[1000];
        b.Messages.OnPacket(header, packet.AsSpan(0, DataPacket.WriteEnvelope(packet, header, new DeliveryAddress(b.Self, 9), body.Span)), connection);
        await running.Task;
        b.Hanging = byDeadline ? 1 : 0;
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
        Assert.Equal(answers, connection.Sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_and_timeout_reach_the_remote_handler(bool cancel)
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        using var handler = b.Messages.HandleRequest(Type, async (_, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
            cancellationToken.ThrowIfCancellationRequested();
            return default;
        });
        b.Hanging = 1;
        using var source = new CancellationTokenSource();
        var request = a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: source.Token);
        await cluster.RunUntil(() => started.Task.IsCompleted);
        Assert.False(cancelled.Task.IsCompleted);
        if (cancel)
        {
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.Run(request));
        }
        else
        {
            await Assert.ThrowsAsync<RequestTimeoutException>(() => cluster.Run(request));
        }

        await cluster.Run(cancelled.Task);
        Assert.Equal(0, a.Messages.InFlight);
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
        Assert.Equal(0, b.Messages.Counters.HandlerErrors);
    }

    [Fact]
    public async Task Only_the_requester_can_cancel()
    {
        var cluster = TestCluster.Of(3);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var release = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        using var handler = b.Messages.HandleRequest(Type, async (_, cancellationToken) =>
        {
            started.SetResult();
            await release.Task;
            return MessagePayload.FromText(cancellationToken.IsCancellationRequested ? "cancelled" : "done");
        });
        b.Hanging = 1;
        var request = a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token);
        await cluster.RunUntil(() => started.Task.IsCompleted);
        var packet = new byte[200];
        var header = new Gossip.Wire.PacketHeader(1, Gossip.Wire.PacketKind.Data, 0, b.ClusterHash, c.Self);
        var size = Gossip.Messaging.DataPacket.WriteCancel(packet, header, new Gossip.Messaging.DeliveryAddress(b.Self, 1));
        b.Messages.OnPacket(header, packet.AsSpan(0, size), null);
        release.SetResult();
        b.Hanging = 0;
        Assert.Equal("done", (await cluster.Run(request)).ReadText());
    }

    [Fact]
    public async Task An_answer_from_someone_else_is_not_believed()
    {
        var cluster = TestCluster.Of(3);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        cluster.Network.Cut = (_, _, _) => true;
        var send = a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, cancellationToken: Token).AsTask();
        var packet = new byte[200];
        foreach (var sender in new[] { c.Self, b.Self with { Generation = 99 } })
        {
            var header = new Gossip.Wire.PacketHeader(1, Gossip.Wire.PacketKind.Data, 0, a.ClusterHash, sender);
            var size = Gossip.Messaging.DataPacket.WriteAnswer(
                packet, header, Gossip.Wire.MessageKind.Receipt, new Gossip.Messaging.DeliveryAddress(a.Self, 1), new(SendOutcome.Handled));
            a.Messages.OnPacket(header, packet.AsSpan(0, size), null);
        }

        Assert.Equal(SendOutcome.TimedOut, Assert.Single((await cluster.Run(send)).Targets).Outcome);
    }

    private sealed class RecordingConnection : ITransportConnection
    {
        public int Sent { get; private set; }

        public long Id => 1;

        public NodeEndpoint Peer => default;

        public NodeEndpoint RemoteEndpoint => default;

        public bool TrySend(ReadOnlySpan<byte> packet)
        {
            Sent++;
            return true;
        }

        public void Close(Exception? error) => throw new NotSupportedException("Nobody ends it.");
    }
}

using Gossip.Messaging;
using Gossip.Tests.Node;
using Xunit;

namespace Gossip.Tests.Performance;

/// <summary>What a best-effort message that fits a datagram leaves for the collector: what its handler was handed, and nothing else.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class BestEffortAllocationTests
{
    private const int Type = 300;
    private const int WarmUp = 3000; // beyond the window of a sender, and until the hot methods were compiled again
    private const int Messages = 3000;
    private const int PayloadSize = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };
    private static readonly byte[] Bytes = new byte[PayloadSize];

    private int _handled;

    [Fact]
    public void A_message_to_one_node_is_sent_without_allocating()
    {
        var host = new QuietHost();
        var target = Target.Node(QuietHost.Peer.Id);
        Send(host.Messages, target, WarmUp);

        var allocated = Allocations.LeastOf(() => Send(host.Messages, target, Messages));

        Report("sent", allocated);
        Assert.InRange(host.Datagrams, WarmUp + Messages, int.MaxValue);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_message_arrives_as_one_context_and_its_payload()
    {
        var host = new QuietHost();
        using var handler = host.Messages.Handle(Type, CountAsync);
        var packet = new byte[host.MaxDatagramSize];
        var body = Envelope.EncodeBody(MessageMode.BestEffort, Type, MessagePayload.FromBytes(Bytes), DateTimeOffset.UnixEpoch, null, default).ToArray();
        var sequence = 0UL;
        Receive(WarmUp);

        var onReader = Allocations.LeastOf(() => Receive(Messages));
        var everywhere = Allocations.LeastOfProcess(() => Receive(Messages));

        Report("taken by the reader", onReader);
        Report("taken and handled", everywhere);
        Assert.Equal(Messages * HandedOver(host.Types), onReader);
        Assert.InRange(everywhere, 0, (Messages * HandedOver(host.Types)) + Noise);

        void Receive(int count)
        {
            for (var i = 0; i < count; i++)
            {
                host.Receive(packet, ++sequence, body);
                Assert.True(SpinWait.SpinUntil(_isHandled ??= () => _handled == (int)sequence, Patience));
            }
        }
    }

    [Fact]
    public async Task A_message_between_sealed_nodes_costs_what_its_handler_is_handed()
    {
        await using var cluster = new LocalCluster();
        Action<GossipOptions> keyed = options => options.EncryptionKeys.Add(Convert.ToBase64String(new byte[32]));
        var sender = await cluster.AddAsync(keyed);
        var receiver = await cluster.AddAsync(keyed);
        await cluster.FormedAsync();
        await cluster.QuietAsync();
        using var handler = receiver.Messages.Handle(Type, CountAsync);
        var target = Target.Node(receiver.Id);
        var sent = 0;
        SendAndAwait(WarmUp);

        var onSender = Allocations.LeastOf(() => SendAndAwait(Messages));
        var everywhere = Allocations.LeastOfProcess(() => SendAndAwait(Messages));

        Report("sent", onSender);
        Report("sent, taken and handled", everywhere);
        Assert.Equal(0, onSender);
        Assert.InRange(everywhere, 0, (Messages * HandedOver(new QuietHost().Types)) + Noise);

        void SendAndAwait(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Send(sender.Messages, target, 1);
                sent++;
                Assert.True(SpinWait.SpinUntil(_isHandled ??= () => _handled == sent, Patience));
            }
        }
    }

    /// <summary>What other threads of the process may need meanwhile: far less than the smallest object for each message.</summary>
    private const long Noise = Messages * 8;

    private Func<bool>? _isHandled;

    private static void Send(GossipMessaging messages, Target target, int count)
    {
        var payload = MessagePayload.FromBytes(Bytes);
        for (var i = 0; i < count; i++)
        {
            var sending = messages.SendAsync(target, Type, payload, BestEffort, CancellationToken.None);
            if (!sending.IsCompletedSuccessfully || !sending.Result.Succeeded)
            {
                Assert.Fail("The message was not sent at once.");
            }
        }
    }

    private ValueTask CountAsync(MessageContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _handled);
        return default;
    }

    /// <summary>The size of what a handler may keep: the context and the bytes of the payload.</summary>
    private static long HandedOver(MessageTypeRegistry types)
    {
        MessageContext? context = null;
        var size = Allocations.LeastOf(() => context = new MessageContext(types)
        {
            Sender = QuietHost.Peer,
            Type = Type,
            Verb = MessageVerb.Message,
            Id = 1,
            Created = default,
            Delivery = Delivery.BestEffort,
            Headers = MessageLimits.EmptyHeaders,
            Payload = MessagePayload.FromBytes(new byte[PayloadSize]),
        });
        GC.KeepAlive(context);
        return size;
    }

    private static void Report(string what, long allocated) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {(double)allocated / Messages:N1} bytes per message");
}

using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public class GossipChannelsTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_goes_into_one_outbox_comes_out_of_the_other_inbox()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        await using var a = cluster.Nodes.First().OpenChannels();
        await using var b = cluster.Nodes.Last().OpenChannels(Type, Type + 1);
        Assert.Equal(2, a.Members.Count());
        Assert.Equal(cluster.Nodes.Last().Instance, b.Self);

        for (var i = 0; i < 500; i++)
        {
            await a.Outbox.WriteAsync(new OutgoingMessage(Target.All, Type + (i % 2), MessagePayload.FromText($"{i}")), Token);
        }

        HashSet<string> read = [];
        while (read.Count < 500)
        {
            var context = await b.Inbox.ReadAsync(Token);
            Assert.Equal(a.Self, context.Sender);
            Assert.True(read.Add(context.ReadText()));
        }

        Assert.False(a.Errors.TryRead(out _));
    }

    [Fact]
    public async Task What_cannot_be_sent_comes_out_of_errors_with_the_reason()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        await using var a = cluster.Nodes.First().OpenChannels();
        var nobody = new OutgoingMessage(Target.Tag("nobody"), Type, MessagePayload.Empty);
        await a.Outbox.WriteAsync(nobody, Token);
        var error = await a.Errors.ReadAsync(Token);
        Assert.Equal((nobody, 0, null), (error.Message, error.Failed.Count, error.Error));

        await a.Outbox.WriteAsync(new OutgoingMessage(Target.All, Type, MessagePayload.Empty), Token);
        Assert.Equal(SendOutcome.NoHandler, Assert.Single((await a.Errors.ReadAsync(Token)).Failed).Outcome);
        await a.Outbox.WriteAsync(new OutgoingMessage(Target.All, -1, MessagePayload.Empty), Token);
        Assert.IsType<MessageTypeException>((await a.Errors.ReadAsync(Token)).Error);

        await a.LeaveAsync(Token);
        await a.Outbox.WriteAsync(new OutgoingMessage(Target.All, Type, MessagePayload.Empty), Token);
        Assert.IsType<GossipStateException>((await a.Errors.ReadAsync(Token)).Error);
        Assert.True(Assert.Single(await a.ConnectAsync([LocalCluster.Address(cluster.Nodes.Last())], Token)).Succeeded);
    }

    [Fact]
    public async Task An_inbox_that_nobody_reads_fills_up_and_the_rest_is_refused_or_waits()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var a = cluster.Nodes.First();
        var b = await cluster.AddAsync(options => options.Messaging = new MessagingOptions { HandlerConcurrency = 1, HandlerQueue = 1 });
        await cluster.FormedAsync();
        var channels = b.OpenChannels(Type);
        var options = new SendOptions { Timeout = TimeSpan.FromSeconds(2) };
        var outcomes = new List<SendOutcome>();
        for (var i = 0; i < GossipChannels.Capacity; i++)
        {
            outcomes.Add((await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, options, Token)).Targets[0].Outcome);
        }

        Assert.All(outcomes, outcome => Assert.Equal(SendOutcome.Handled, outcome)); // in the inbox
        var waiting = a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, options, Token);
        await Awaiting.UntilAsync(() => b.Messages.RunningHandlers == 1);
        Assert.False(waiting.IsCompleted);
        Assert.True(channels.Inbox.TryRead(out _));
        Assert.Equal(SendOutcome.Handled, (await waiting).Targets[0].Outcome);
        await channels.DisposeAsync();
        Assert.Equal(SendOutcome.NoHandler, (await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, options, Token)).Targets[0].Outcome);
    }

    [Fact]
    public async Task The_end_sends_what_is_in_the_outbox_and_completes_the_channels()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First().OpenChannels(), cluster.Nodes.Last().OpenChannels(Type));
        for (var i = 0; i < 100; i++)
        {
            Assert.True(a.Outbox.TryWrite(new OutgoingMessage(Target.All, Type, MessagePayload.Empty)));
        }

        await a.DisposeAsync();
        await a.DisposeAsync();
        Assert.Equal(100, b.Inbox.Count);
        Assert.False(a.Outbox.TryWrite(new OutgoingMessage(Target.All, Type, MessagePayload.Empty)));
        await Task.WhenAll(a.Inbox.Completion, a.Errors.Completion);
        await b.DisposeAsync();
    }

    [Fact]
    public async Task A_type_that_has_a_handler_is_refused_and_nothing_stays()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.First();
        using var handler = node.Messages.Handle(Type + 1, (_, _) => default);
        Assert.Throws<MessageTypeException>(() => node.OpenChannels(Type, Type + 1));
        await using var channels = node.OpenChannels(Type);
    }
}

using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Codecs;

/// <summary>Which codec writes a message, and what becomes of one that the other side lacks.</summary>
public sealed class CodecChoiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_with_different_codecs_by_default_understand_each_other()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        a.Types.DefaultCodec = JsonCodec.Default;
        List<PayloadKind> kinds = [];
        foreach (var node in cluster.Nodes)
        {
            node.Messages.HandleRequest<Order, Receipt>((order, context, _) =>
            {
                kinds.Add(context.Payload.Kind);
                return new(new Receipt(order.Number, order.Item.Length));
            });
        }

        Assert.Equal(new Receipt(1, 3), await cluster.Run(a.Messages.RequestAsync<Order, Receipt>(b.Id, new Order(1, "tea"), cancellationToken: Token)));
        Assert.Equal(new Receipt(2, 6), await cluster.Run(b.Messages.RequestAsync<Order, Receipt>(a.Id, new Order(2, "coffee"), cancellationToken: Token)));
        Assert.Equal([PayloadKind.Json, PayloadKind.MessagePack], kinds);
    }

    [Fact]
    public async Task A_codec_of_ones_own_works_where_it_is_known_and_is_named_where_not()
    {
        var cluster = TestCluster.Of(3);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        a.Types.Register<Version>(220, new TextCodec());
        b.Types.Register<Version>(220, new TextCodec());
        Version? received = null;
        using var handler = b.Messages.Handle<Version>((version, _, _) =>
        {
            received = version;
            return default;
        });
        using var deaf = c.Messages.Handle(220, (_, _) => default);
        using var deafToRequests = c.Messages.HandleRequest(220, (_, _) => default);
        var result = await cluster.Run(a.Messages.SendAsync(Target.All, new Version(1, 2), cancellationToken: Token).AsTask());
        Assert.Equal(new Version(1, 2), received);
        Assert.Equal(SendOutcome.Handled, result.Targets[0].Outcome);
        Assert.Equal(SendOutcome.Refused, result.Targets[1].Outcome);
        Assert.Equal("unknown codec 64: add it to GossipOptions.MessageTypes on every node that may get it, or send with another one", result.Targets[1].Error);

        // It is no use to ask again, so an idempotent request does not.
        var payload = a.Messages.Payload(new Version(1, 2));
        var options = new RequestOptions { IsIdempotent = true, Timeout = TimeSpan.FromMinutes(1) };
        var before = cluster.Clock.GetUtcNow();
        var error = await Assert.ThrowsAsync<UnknownEncodingException>(() => cluster.Run(a.Messages.RequestAsync(c.Id, 220, payload, options, Token)));
        Assert.Equal(c.Self, error.Target);
        Assert.Contains("codec 64", error.Message, StringComparison.Ordinal);
        Assert.True(cluster.Clock.GetUtcNow() - before < TimeSpan.FromSeconds(1));

        c.Types.AddCodec(new TextCodec());
        Assert.True((await cluster.Run(a.Messages.SendAsync(Target.Node(c.Id), new Version(1, 2), cancellationToken: Token).AsTask())).Succeeded);
    }

    [Fact]
    public void Numbers_of_codecs_are_checked()
    {
        var types = new MessageTypeRegistry();
        foreach (var number in new[] { -1, 0, 1, 2, 6, 63, 256 })
        {
            Assert.Contains("64", Assert.Throws<MessageTypeException>(() => types.AddCodec(new TextCodec((PayloadKind)number))).Message, StringComparison.Ordinal);
        }

        types.AddCodec(new TextCodec((PayloadKind)255));
        Assert.Throws<MessageTypeException>(() => types.DefaultCodec = new TextCodec((PayloadKind)1));
        Assert.Same(MessagePackCodec.Default, types.DefaultCodec);
    }
}

using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Requests to several members at once.</summary>
public class GatheringTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_member_comes_once_with_its_reply_or_its_error()
    {
        var cluster = TestCluster.Of(5);
        var (a, replies, throws, silent, unhandled) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2], cluster.Nodes[3], cluster.Nodes[4]);
        replies.Messages.HandleRequest(Type, (context, _) => new(MessagePayload.FromText(context.ReadText() + "!")));
        throws.Messages.HandleRequest(Type, (_, _) => throw new InvalidOperationException("no"));
        silent.Hanging = 1;
        silent.Messages.HandleRequest(Type, async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        });
        var options = new RequestOptions { Timeout = TimeSpan.FromSeconds(2) };
        var all = await cluster.Run(a.Messages.RequestEachAsync(Target.All, Type, MessagePayload.FromText("hi"), options, Token).ToListAsync(Token).AsTask());

        Assert.Equal(cluster.Nodes.Skip(1).Select(node => node.Self), all.Select(each => each.Target).OrderBy(target => target.Id));
        var by = all.ToDictionary(each => each.Target);
        Assert.Equal("hi!", by[replies.Self].Reply.ReadText());
        Assert.IsType<RemoteHandlerException>(by[throws.Self].Error);
        Assert.IsType<NoHandlerException>(by[unhandled.Self].Error);
        Assert.IsType<RequestTimeoutException>(by[silent.Self].Error);
        Assert.Throws<RequestTimeoutException>(() => by[silent.Self].Reply);
        Assert.Equal([true, false, false, false], cluster.Nodes.Skip(1).Select(node => by[node.Self].Succeeded));
        Assert.Equal(silent.Self, all[^1].Target); // what came before was told before
        Assert.Equal(0, a.Messages.InFlight);
    }

    [Fact]
    public async Task Typed_replies_are_decoded_and_a_wrong_one_is_an_error_of_its_member_alone()
    {
        var cluster = TestCluster.Of(3);
        var a = cluster.Nodes[0];
        cluster.Nodes[1].Messages.HandleRequest<Order, Receipt>((order, _, _) => new(new Receipt(order.Number, 1)));
        cluster.Nodes[2].Messages.HandleRequest(200, (_, _) => new(MessagePayload.FromText("no receipt")));
        var all = await cluster.Run(a.Messages.RequestEachAsync<Order, Receipt>(Target.All, new Order(7, "tea"), cancellationToken: Token).ToListAsync(Token).AsTask());
        Assert.Equal(new Receipt(7, 1), all.Single(each => each.Succeeded).Reply);
        Assert.IsType<PayloadException>(all.Single(each => !each.Succeeded).Error);
    }

    [Fact]
    public async Task Who_has_heard_enough_gives_up_the_rest()
    {
        var cluster = TestCluster.Of(3);
        var (a, fast, slow) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var givenUp = new TaskCompletionSource();
        fast.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText("first")));
        slow.Hanging = 1;
        slow.Messages.HandleRequest(Type, async (_, token) =>
        {
            using var registration = token.Register(givenUp.SetResult);
            await Task.Delay(Timeout.Infinite, token);
            return default;
        });
        Assert.Equal("first", await cluster.Run(FirstAsync()));
        await cluster.Run(givenUp.Task);
        Assert.Equal(0, a.Messages.InFlight);

        async Task<string> FirstAsync()
        {
            await foreach (var each in a.Messages.RequestEachAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token))
            {
                return each.Reply.ReadText();
            }

            return "";
        }
    }

    [Fact]
    public async Task Nobody_to_ask_gives_no_replies_and_unknown_nodes_an_error()
    {
        var cluster = TestCluster.Of(2);
        var a = cluster.Nodes[0];
        Assert.Empty(await cluster.Run(a.Messages.RequestEachAsync(Target.Tag("none"), Type, MessagePayload.Empty, cancellationToken: Token).ToListAsync(Token).AsTask()));
        var unknown = Assert.Single(await cluster.Run(
            a.Messages.RequestEachAsync(Target.Node(new NodeId(99)), Type, MessagePayload.Empty, cancellationToken: Token).ToListAsync(Token).AsTask()));
        Assert.IsType<MemberUnreachableException>(unknown.Error);
        Assert.Throws<MessageTypeException>(() => a.Messages.RequestEachAsync(Target.All, -1, MessagePayload.Empty, cancellationToken: Token));
    }
}

using System.Collections.Immutable;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Middleware before the sending, and requests that may be asked again.</summary>
public class OutboundMiddlewareTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_runs_in_order_of_registration_around_sends_requests_and_each_one_of_many()
    {
        var (cluster, a, b) = Two();
        List<string> happened = [];
        b.Messages.Handle(Type, (context, _) => Note($"message {context.Headers["by"]}"));
        b.Messages.HandleRequest(Type, async (context, _) =>
        {
            await Note($"request {context.Headers["by"]}");
            return MessagePayload.FromText("reply");
        });
        var outer = a.Messages.UseOutbound(Around("outer"));
        using var inner = a.Messages.UseOutbound(Around("inner"));

        Assert.True((await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask())).Succeeded);
        Assert.Equal(["outer Message", "inner Message", "message outer inner", "inner back", "outer back"], happened);
        happened.Clear();
        Assert.Equal("reply", (await cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token))).ReadText());
        Assert.Equal(["outer Request", "inner Request", "request outer inner", "inner back", "outer back"], happened);
        happened.Clear();
        outer.Dispose();
        var each = await cluster.Run(a.Messages.RequestEachAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).ToArrayAsync(Token).AsTask());
        Assert.Equal("reply", Assert.Single(each).Reply.ReadText());
        Assert.Equal(["inner Request", "request  inner", "inner back"], happened);

        OutboundMiddleware Around(string name) => async (message, next, token) =>
        {
            await Note($"{name} {message.Verb}");
            var by = message.Headers?["by"] ?? (name == "inner" ? "" : null);
            var headers = ImmutableDictionary<string, string>.Empty.Add("by", by is null ? name : $"{by} {name}");
            var result = await next(message with { Headers = headers }, token);
            await Note($"{name} back");
            return result;
        };

        ValueTask Note(string what)
        {
            happened.Add(what);
            return default;
        }
    }

    [Fact]
    public async Task It_may_turn_a_message_elsewhere_answer_itself_and_refuse()
    {
        var cluster = TestCluster.Of(3);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        b.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText("b")));
        c.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText("c")));
        using (a.Messages.UseOutbound((message, next, token) => next(message with { Target = Target.Node(c.Id) }, token)))
        {
            Assert.Equal("c", (await AskAsync()).ReadText());
        }

        using (a.Messages.UseOutbound((_, _, _) => new(new OutboundResult(MessagePayload.FromText("from a cache")))))
        {
            Assert.Equal("from a cache", (await AskAsync()).ReadText());
            await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync()); // not a result of sending
        }

        using (a.Messages.UseOutbound((_, _, _) => throw new UnauthorizedAccessException("not today")))
        {
            await Assert.ThrowsAsync<UnauthorizedAccessException>(AskAsync);
            await Assert.ThrowsAsync<UnauthorizedAccessException>(SendAsync);
        }

        using (a.Messages.UseOutbound((message, next, token) => next(message with { Target = Target.All }, token)))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(AskAsync); // whose reply would it be?
        }

        using (a.Messages.UseOutbound((message, next, token) => next(message with { Type = MessageTypeNumber.Max + 1 }, token)))
        {
            await Assert.ThrowsAsync<MessageTypeException>(AskAsync);
        }

        Assert.Equal("b", (await AskAsync()).ReadText());

        Task<MessagePayload> AskAsync() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token));
        Task SendAsync() => cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());
    }

    [Fact]
    public async Task An_idempotent_request_is_asked_again_when_it_was_refused_and_of_the_next_life()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 1, HandlerQueue = 0 });
        var release = new TaskCompletionSource();
        b.Messages.HandleRequest(Type, async (_, _) =>
        {
            await release.Task;
            return MessagePayload.FromText("first life");
        });
        b.Hanging = 1;
        var blocking = a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token);
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 1);
        await Assert.ThrowsAsync<RequestRefusedException>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token)));
        var again = AskAsync();
        await cluster.RunUntil(() => b.Messages.Counters.Refused >= 3);
        Assert.False(again.IsCompleted);

        b.Hanging = 0;
        var restarted = cluster.Restart(b);
        restarted.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText("next life")));
        cluster.Publish();
        Assert.Equal("next life", (await cluster.Run(again)).ReadText());
        await Assert.ThrowsAsync<MemberUnreachableException>(() => blocking);
        release.SetResult();

        Task<MessagePayload> AskAsync() => a.Messages.RequestAsync(
            b.Id, Type, MessagePayload.Empty, new RequestOptions { IsIdempotent = true, Timeout = TimeSpan.FromMinutes(1) }, Token);
    }

    [Fact]
    public async Task An_idempotent_request_ends_with_its_time_and_with_a_handlers_error()
    {
        var (cluster, a, b) = Two();
        var options = new RequestOptions { IsIdempotent = true, Timeout = TimeSpan.FromSeconds(4) };
        var asked = 0;
        b.Messages.HandleRequest(Type, (_, _) =>
        {
            asked++;
            throw new InvalidOperationException("no");
        });
        await Assert.ThrowsAsync<RemoteHandlerException>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, options, Token)));
        Assert.Equal(1, asked);

        var start = cluster.Clock.GetTimestamp();
        var nobody = new NodeId(99);
        await Assert.ThrowsAsync<MemberUnreachableException>(() => cluster.Run(a.Messages.RequestAsync(nobody, Type, MessagePayload.Empty, options, Token)));
        Assert.InRange(cluster.Clock.GetElapsedTime(start), TimeSpan.FromSeconds(1), options.Timeout);
    }

    private static (TestCluster Cluster, TestNode A, TestNode B) Two()
    {
        var cluster = TestCluster.Of(2);
        return (cluster, cluster.Nodes[0], cluster.Nodes[1]);
    }
}

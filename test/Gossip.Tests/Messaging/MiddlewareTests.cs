using System.Diagnostics.Metrics;
using Gossip.Tests.Sealing;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gossip.Tests.Messaging;

public class MiddlewareTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Middleware_runs_in_order_of_registration_around_messages_and_requests_until_it_is_disposed()
    {
        var (cluster, a, b) = Two();
        List<string> happened = [];
        b.Messages.Handle(Type, (context, _) => Note(context.Verb.ToString()));
        b.Messages.HandleRequest(Type, async (context, _) =>
        {
            await Note(context.Verb.ToString());
            return MessagePayload.FromText("reply");
        });
        using var outer = b.Messages.Use(Around("outer"));
        var inner = b.Messages.Use(Around("inner"));

        Assert.True((await SendAsync(cluster, a, b)).Succeeded);
        Assert.Equal(["outer in", "inner in", "Message", "inner out", "outer out"], happened);
        happened.Clear();
        Assert.Equal("reply", (await RequestAsync(cluster, a, b)).ReadText());
        Assert.Equal(["outer in", "inner in", "Request", "inner out", "outer out"], happened);
        happened.Clear();
        inner.Dispose();
        inner.Dispose();
        await SendAsync(cluster, a, b);
        Assert.Equal(["outer in", "Message", "outer out"], happened);

        MessageMiddleware Around(string name) => async (context, next, token) =>
        {
            await Note(name + " in");
            var reply = await next(context, token);
            await Note(name + " out");
            return reply;
        };

        ValueTask Note(string what)
        {
            happened.Add(what);
            return default;
        }
    }

    [Fact]
    public async Task Middleware_may_change_the_reply_answer_alone_and_call_twice()
    {
        var (cluster, a, b) = Two();
        var handled = 0;
        b.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText($"reply {++handled}")));
        using (b.Messages.Use(async (context, next, token) => MessagePayload.FromText((await next(context, token)).ReadText() + ", changed")))
        {
            Assert.Equal("reply 1, changed", (await RequestAsync(cluster, a, b)).ReadText());
        }

        using (b.Messages.Use((_, _, _) => new(MessagePayload.FromText("from a cache"))))
        {
            Assert.Equal("from a cache", (await RequestAsync(cluster, a, b)).ReadText());
            Assert.Equal(1, handled);
        }

        using (b.Messages.Use(async (context, next, token) =>
        {
            await next(context, token);
            return await next(context, token);
        }))
        {
            Assert.Equal("reply 3", (await RequestAsync(cluster, a, b)).ReadText());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_middleware_throws_is_the_senders_error_and_harms_nothing(bool atOnce)
    {
        var (cluster, a, b) = Two();
        var handled = 0;
        b.Messages.Handle(Type, (_, _) =>
        {
            handled++;
            return default;
        });
        b.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.Empty));
        using (b.Messages.Use(async (_, _, _) =>
        {
            if (!atOnce)
            {
                await Task.Yield();
            }

            throw new InvalidOperationException("not today");
        }))
        {
            var sent = Assert.Single((await SendAsync(cluster, a, b)).Targets);
            Assert.Equal(SendOutcome.Failed, sent.Outcome);
            Assert.Contains("not today", sent.Error, StringComparison.Ordinal);
            var error = await Assert.ThrowsAsync<RemoteHandlerException>(() => RequestAsync(cluster, a, b));
            Assert.Equal("not today", error.RemoteMessage);
            Assert.Equal(0, handled);
        }

        Assert.True((await SendAsync(cluster, a, b)).Succeeded);
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task Only_senders_with_a_tag_may_send_what_is_reserved_for_them()
    {
        var cluster = new TestCluster();
        var (admin, guest, b) = (cluster.Add(["admin"]), cluster.Add([]), cluster.Add([]));
        cluster.Publish();
        b.Messages.Handle(Type, (_, _) => default);
        b.Messages.Handle(Type + 1, (_, _) => default);
        using var rule = b.Messages.RequireSenderTag(Type, "admin");

        Assert.True((await SendAsync(cluster, admin, b)).Succeeded);
        var refused = Assert.Single((await SendAsync(cluster, guest, b)).Targets);
        Assert.Equal(SendOutcome.Failed, refused.Outcome);
        Assert.Contains("not allowed", refused.Error, StringComparison.Ordinal);
        Assert.True((await SendAsync(cluster, guest, b, Type + 1)).Succeeded);
        rule.Dispose();
        Assert.True((await SendAsync(cluster, guest, b)).Succeeded);
    }

    [Fact]
    public async Task What_was_handled_is_logged_and_measured_and_what_failed_too()
    {
        var (cluster, a, b) = Two();
        var log = new LogLines();
        using var meter = new Meter("test");
        List<(double Seconds, int Type, string? Error)> measured = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            measured.Add((seconds, (int)all["gossip.message.type"]!, (string?)all.GetValueOrDefault("error.type")));
        });
        listener.Start();
        b.Messages.Handle(Type, (_, _) => default);
        b.Messages.Handle(Type + 1, (_, _) => throw new InvalidOperationException("not today"));
        using var logging = b.Messages.LogMessages(log.CreateLogger("messages"), LogLevel.Information);
        using var measuring = b.Messages.MeasureHandlers(meter);
        await SendAsync(cluster, a, b);
        await SendAsync(cluster, a, b, Type + 1);

        Assert.Equal(1, log.Count($"Message {Type} number 1 from"));
        Assert.Equal(1, log.Count($"Message {Type + 1} number 2 from"));
        Assert.Contains("failed", await log.FirstAsync("number 2"), StringComparison.Ordinal);
        Assert.Equal([(Type, null), (Type + 1, typeof(InvalidOperationException).FullName)], measured.Select(each => (each.Type, each.Error)));

        void Listen(Instrument instrument, MeterListener listener)
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    [Fact]
    public async Task A_handler_has_no_more_time_than_the_limit()
    {
        var (cluster, a, b) = Two();
        b.Messages.Handle(Type, async (_, token) => await Task.Delay(TimeSpan.FromDays(1), cluster.Clock, token));
        b.Hanging = 1;
        using var limit = b.Messages.LimitTime(TimeSpan.FromSeconds(1));
        var late = Assert.Single((await SendAsync(cluster, a, b)).Targets);
        Assert.Equal(SendOutcome.Failed, late.Outcome);
        Assert.Contains("longer than 00:00:01", late.Error, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => b.Messages.LimitTime(TimeSpan.Zero));
    }

    private static (TestCluster Cluster, TestNode A, TestNode B) Two()
    {
        var cluster = TestCluster.Of(2);
        return (cluster, cluster.Nodes[0], cluster.Nodes[1]);
    }

    private static Task<SendResult> SendAsync(TestCluster cluster, TestNode from, TestNode to, int type = Type) =>
        cluster.Run(from.Messages.SendAsync(Target.Node(to.Id), type, MessagePayload.Empty, cancellationToken: Token).AsTask());

    private static Task<MessagePayload> RequestAsync(TestCluster cluster, TestNode from, TestNode to) =>
        cluster.Run(from.Messages.RequestAsync(to.Id, Type, MessagePayload.Empty, cancellationToken: Token));
}

using System.Collections.Concurrent;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Topics between real nodes.</summary>
public class TopicTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_publication_reaches_those_whose_patterns_match_and_nobody_else()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, c) = Three(cluster);
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(a, "orders.eu.created", heard, "a");
        await SubscribeAsync(b, "orders.*.created", heard, "b1");
        await SubscribeAsync(b, "orders.eu.>", heard, "b2"); // two on one node
        await SubscribeAsync(c, "orders.us.>", heard, "c");

        var result = await PublishAsync(c, "orders.eu.created");
        Assert.Equal(Handled(a, b), Outcomes(result));
        Assert.Equal(["a orders.eu.created", "b1 orders.eu.created", "b2 orders.eu.created"], Taken(heard));

        result = await PublishAsync(a, "orders.us.created");
        Assert.Equal(Handled(b, c), Outcomes(result));
        Assert.Equal(["b1 orders.us.created", "c orders.us.created"], Taken(heard));

        Assert.Equal(Handled(c), Outcomes(await PublishAsync(c, "orders.us.shipped"))); // its own
        Assert.Equal(["c orders.us.shipped"], Taken(heard));

        result = await PublishAsync(b, "orders.asia.shipped");
        Assert.True(result is { IsEmpty: true, Succeeded: true });
        Assert.Empty(heard);
    }

    [Fact]
    public async Task What_a_handler_sees_is_what_was_published()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (publisher, subscriber) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var seen = new ConcurrentQueue<MessageContext>();
        foreach (var node in cluster.Nodes)
        {
            await node.Topics.SubscribeAsync("t.*", Keep, cancellationToken: Token);
        }

        var options = new SendOptions { Headers = new Dictionary<string, string> { ["k"] = "v" } };
        Assert.True((await publisher.Topics.PublishAsync("t.1", Type + 1, MessagePayload.FromText("x"), options, Token)).Succeeded);
        Assert.Equal(2, seen.Count);
        Assert.All(seen, context =>
        {
            Assert.Equal(("t.1", Type + 1, "x", "v"), (context.Topic, context.Type, context.ReadText(), context.Headers["k"]));
            Assert.Equal((publisher.Instance, MessageVerb.Message, Delivery.Reliable), (context.Sender, context.Verb, context.Delivery));
        });

        seen.Clear();
        var result = await publisher.Topics.PublishAsync("t.2", Type, MessagePayload.Empty, new SendOptions { Delivery = Delivery.BestEffort }, Token);
        Assert.All(result.Targets, target => Assert.Equal(SendOutcome.Sent, target.Outcome));
        await Awaiting.UntilAsync(() => seen.Count == 2);
        Assert.All(seen, context => Assert.Equal(Delivery.BestEffort, context.Delivery));

        ValueTask Keep(MessageContext context, CancellationToken token)
        {
            seen.Enqueue(context);
            return default;
        }
    }

    [Fact]
    public async Task Of_a_queue_group_exactly_one_gets_each_publication_and_all_get_their_share()
    {
        const int Publications = 300;
        await using var cluster = await LocalCluster.StartAsync(3);
        var handled = new ConcurrentDictionary<string, List<NodeId>>();
        var others = 0;
        foreach (var node in cluster.Nodes)
        {
            await node.Topics.SubscribeAsync("work.*", Take, new SubscribeOptions { QueueGroup = "workers" }, Token);
            await node.Topics.SubscribeAsync("work.>", Take, new SubscribeOptions { QueueGroup = "workers" }, Token); // the same group once more
            await node.Topics.SubscribeAsync("work.>", (_, _) => Count(), cancellationToken: Token);

            ValueTask Take(MessageContext context, CancellationToken token)
            {
                var takers = handled.GetOrAdd(context.ReadText(), static _ => []);
                lock (takers)
                {
                    takers.Add(node.Id);
                }

                return default;
            }
        }

        var publishers = cluster.Nodes.ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, Publications), Token, async (i, token) =>
        {
            var result = await publishers[i % 3].Topics.PublishAsync("work.item", Type, MessagePayload.FromText($"{i}"), cancellationToken: token);
            Assert.True(result.Succeeded);
            Assert.Equal("workers", Assert.Single(result.Targets, target => target.QueueGroup is not null).QueueGroup);
        });

        Assert.Equal(Publications, handled.Count);
        Assert.All(handled.Values, takers => Assert.Single(takers));
        Assert.Equal(3 * Publications, others);
        var shares = handled.Values.CountBy(takers => takers[0]).ToArray();
        Assert.Equal(3, shares.Length);
        Assert.All(shares, share => Assert.InRange(share.Value, Publications / 3 - 10, (Publications / 3) + 10)); // each publisher goes round

        ValueTask Count()
        {
            Interlocked.Increment(ref others);
            return default;
        }
    }

    [Fact]
    public async Task Once_a_subscription_is_acknowledged_whatever_any_member_publishes_arrives_and_nothing_after_its_end()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var nodes = cluster.Nodes.ToArray();
        for (var i = 0; i < 50; i++)
        {
            var subscriber = nodes[i % 3];
            var heard = new ConcurrentBag<NodeId>();
            var subscription = await subscriber.Topics.SubscribeAsync($"round.{i}", Hear, cancellationToken: Token);
            var results = await Task.WhenAll(nodes.Select(node => PublishAsync(node, $"round.{i}").AsTask()));
            Assert.All(results, result => Assert.Equal(SendOutcome.Handled, Assert.Single(result.Targets).Outcome));
            Assert.Equal(nodes.Select(node => node.Id).Order(), heard.Order());

            await subscription.DisposeAsync();
            await subscription.DisposeAsync();
            results = await Task.WhenAll(nodes.Select(node => PublishAsync(node, $"round.{i}").AsTask()));
            Assert.All(results, result => Assert.True(result.IsEmpty));
            Assert.Equal(3, heard.Count);

            ValueTask Hear(MessageContext context, CancellationToken token)
            {
                heard.Add(context.Sender.Id);
                return default;
            }
        }

        Assert.All(nodes, node => Assert.Equal(0, node.Topics.Subscriptions));
    }

    [Fact]
    public async Task A_hundred_subscriptions_at_once_are_all_acknowledged()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, _) = Three(cluster);
        var heard = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => SubscribeAsync(a, $"many.{i}", heard, "a")));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PublishAsync(b, $"many.{i}").AsTask()));
        Assert.Equal(100, heard.Distinct().Count());
        Assert.Equal(100, a.Topics.Subscriptions);
    }

    [Fact]
    public async Task A_subscriber_that_restarts_at_its_address_has_no_subscriptions_until_it_subscribes_again()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, c) = Three(cluster);
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(c, "t", heard, "before");
        Assert.True((await PublishAsync(a, "t")).Succeeded);
        Assert.Equal(["before t"], Taken(heard));

        var address = LocalCluster.Address(c);
        await cluster.KillAsync(c);
        var again = await cluster.AddAsync(options => options.BindAddress = address);
        await cluster.FormedAsync();
        Assert.Equal(c.Id, again.Id);
        Assert.True((await PublishAsync(a, "t")).IsEmpty);
        await SubscribeAsync(again, "t", heard, "after");
        Assert.Equal(Handled(again), Outcomes(await PublishAsync(a, "t")));
        Assert.Equal(Handled(again), Outcomes(await PublishAsync(b, "t")));
        Assert.Equal(["after t", "after t"], Taken(heard));
    }

    [Fact]
    public async Task Others_that_restart_or_come_later_learn_of_subscriptions_by_themselves()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (subscriber, other) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(subscriber, "t.>", heard, "s");

        var late = await cluster.AddAsync();
        await Awaiting.UntilAsync(() => late.Topics.KnownMembers == 1);
        Assert.Equal(Handled(subscriber), Outcomes(await PublishAsync(late, "t.late")));

        var address = LocalCluster.Address(other);
        await cluster.KillAsync(other);
        var again = await cluster.AddAsync(options => options.BindAddress = address);
        await Awaiting.UntilAsync(() => again.Topics.KnownMembers == 1);
        Assert.Equal(Handled(subscriber), Outcomes(await PublishAsync(again, "t.again")));
        Assert.Equal(["s t.again", "s t.late"], Taken(heard));
    }

    [Fact]
    public async Task A_node_that_leaves_and_joins_again_keeps_its_subscriptions()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(b, "t", heard, "b");
        await b.LeaveAsync(Token);
        await Awaiting.UntilAsync(() => a.View.Find(b.Id)!.State == MemberState.Left);
        Assert.True((await PublishAsync(a, "t")).IsEmpty);
        await Awaiting.UntilAsync(() => a.Topics.KnownMembers == 0);
        await Assert.ThrowsAsync<GossipStateException>(() => SubscribeAsync(b, "u", heard, "b"));
        await Assert.ThrowsAsync<GossipStateException>(() => PublishAsync(b, "t").AsTask());

        await b.JoinAsync([LocalCluster.Address(a)], Token);
        await Awaiting.UntilAsync(() => a.Topics.KnownMembers == 1);
        Assert.Equal(Handled(b), Outcomes(await PublishAsync(a, "t")));
    }

    [Fact]
    public async Task A_handler_that_throws_is_reported_and_the_others_are_not_harmed()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var heard = new ConcurrentQueue<string>();
        await b.Topics.SubscribeAsync("bad.*", (_, _) => throw new InvalidOperationException("spilled"), cancellationToken: Token);
        var result = await PublishAsync(a, "bad.one");
        Assert.False(result.Succeeded);
        Assert.Equal(new PublishedTarget(b.Instance, null, SendOutcome.Failed, "spilled"), Assert.Single(result.Targets));

        await SubscribeAsync(b, "bad.two", heard, "b");
        await SubscribeAsync(a, "bad.two", heard, "a");
        result = await PublishAsync(a, "bad.two");
        Assert.Equal([(a.Id, SendOutcome.Handled), (b.Id, SendOutcome.Failed)], Outcomes(result).OrderBy(one => one.Outcome));
        Assert.Equal("1 of 2 subscriptions: spilled", result.Targets.Single(target => !target.Succeeded).Error);
        Assert.Equal(["a bad.two", "b bad.two"], Taken(heard));
    }

    [Fact]
    public async Task A_queue_group_goes_on_to_another_node_when_one_refuses_and_not_when_one_failed()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, c) = Three(cluster);
        var group = new SubscribeOptions { QueueGroup = "g", InboxCapacity = 1 };
        await using var inboxes = await b.Topics.OpenInboxAsync("t", group, Token);
        var heard = new ConcurrentQueue<string>();
        await c.Topics.SubscribeAsync("t", Hearing(heard, "c"), group, Token);
        for (var i = 0; i < 4; i++)
        {
            Assert.True((await PublishAsync(a, "t")).Succeeded); // two of them were the inbox's turn, which has room for one
        }

        Assert.Equal((1, 3), (inboxes.Count, heard.Count));
        Assert.Equal(1, a.Topics.Counters.Failovers);

        var calls = 0;
        var failing = new SubscribeOptions { QueueGroup = "failing" };
        foreach (var node in cluster.Nodes)
        {
            await node.Topics.SubscribeAsync("f", Fail, failing, Token);
        }

        var result = Assert.Single((await PublishAsync(a, "f")).Targets);
        Assert.Equal(("failing", SendOutcome.Failed, 1), (result.QueueGroup, result.Outcome, calls));

        ValueTask Fail(MessageContext context, CancellationToken token)
        {
            Interlocked.Increment(ref calls);
            throw new InvalidOperationException("no");
        }
    }

    [Fact]
    public async Task A_queue_group_goes_on_to_another_node_when_one_cannot_be_reached()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, c) = Three(cluster);
        var heard = new ConcurrentQueue<string>();
        var group = new SubscribeOptions { QueueGroup = "g" };
        await b.Topics.SubscribeAsync("t", Hearing(heard, "b"), group, Token);
        await c.Topics.SubscribeAsync("t", Hearing(heard, "c"), group, Token);
        await cluster.KillAsync(b);
        await b.RuntimeOrNull!.Transport.DisposeAsync(); // so that nobody listens there from now on

        // Until its death is known each second one is its turn. What went into a connection that then broke may have been handled, for all that is known.
        var lost = 0;
        for (var i = 0; i < 20; i++)
        {
            var result = Assert.Single((await a.Topics.PublishAsync("t", Type, MessagePayload.Empty, new SendOptions { Timeout = TimeSpan.FromSeconds(20) }, Token)).Targets);
            Assert.True(result.Succeeded || result.Outcome is SendOutcome.Left or SendOutcome.TimedOut, $"{result}");
            lost += result.Succeeded ? 0 : 1;
        }

        Assert.Equal(20 - lost, heard.Count);
        Assert.InRange(lost, 0, 2);
        Assert.DoesNotContain("b t", heard);
    }

    [Fact]
    public async Task An_inbox_holds_what_fits_refuses_the_rest_and_ends_with_its_subscription()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var inbox = await b.Topics.OpenInboxAsync("t.*", new SubscribeOptions { InboxCapacity = 2 }, Token);
        Assert.True((await PublishAsync(a, "t.1")).Succeeded);
        Assert.True((await PublishAsync(a, "t.2")).Succeeded);
        var refused = Assert.Single((await PublishAsync(a, "t.3")).Targets);
        Assert.Equal((SendOutcome.Refused, "the inbox of the subscription is full"), (refused.Outcome, refused.Error));

        await using var reader = inbox.GetAsyncEnumerator(Token);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("t.1", reader.Current.Topic);
        Assert.True((await PublishAsync(a, "t.4")).Succeeded); // there is room again
        await inbox.DisposeAsync();
        Assert.True((await PublishAsync(a, "t.5")).IsEmpty);
        List<string> rest = [];
        while (await reader.MoveNextAsync())
        {
            rest.Add(reader.Current.Topic!);
        }

        Assert.Equal(["t.2", "t.4"], rest);
    }

    [Fact]
    public async Task An_inbox_ends_when_its_node_stops()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.First();
        var inbox = await node.Topics.OpenInboxAsync("t", cancellationToken: Token);
        Assert.True((await PublishAsync(node, "t")).Succeeded);
        await node.StopAsync(Token);
        Assert.Single(await inbox.ToListAsync(Token));
        await inbox.DisposeAsync();
        await Assert.ThrowsAsync<GossipStoppedException>(() => node.Topics.OpenInboxAsync("t", cancellationToken: Token));
    }

    [Fact]
    public async Task Typed_publications_are_decoded_and_those_of_another_type_are_reported()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(Register);
        var b = await cluster.AddAsync(Register);
        await cluster.FormedAsync();
        var heard = new ConcurrentQueue<(string?, Order)>();
        await b.Topics.SubscribeAsync<Order>("orders.*", (order, context, _) =>
        {
            heard.Enqueue((context.Topic, order));
            return default;
        }, cancellationToken: Token);
        Assert.True((await a.Topics.PublishAsync("orders.eu", new Order(7, "tea"), cancellationToken: Token)).Succeeded);
        Assert.Equal([("orders.eu", new Order(7, "tea"))], heard);
        var wrong = Assert.Single((await a.Topics.PublishAsync("orders.eu", new Receipt(7, 1), cancellationToken: Token)).Targets);
        Assert.Equal(SendOutcome.Failed, wrong.Outcome);
        Assert.Contains("201", wrong.Error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MessageTypeException>(() => b.Topics.SubscribeAsync<string>("t", (_, _, _) => default, cancellationToken: Token));

        static void Register(GossipOptions options)
        {
            options.MessageTypes.Register(200, TestJson.Default.Order);
            options.MessageTypes.Register(201, TestJson.Default.Receipt);
        }
    }

    [Fact]
    public async Task Middleware_sees_publications_as_they_were_published_and_nothing_of_the_engines_own()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var seen = new ConcurrentQueue<(int, string?)>();
        using var middleware = b.Messages.Use((context, next, token) =>
        {
            seen.Enqueue((context.Type, context.Topic));
            return next(context, token);
        });
        using var rule = b.Messages.RequireSenderTag(Type, "admin");
        await b.Topics.SubscribeAsync("t", (_, _) => default, cancellationToken: Token);
        await using var inbox = await b.Topics.OpenInboxAsync("i", new SubscribeOptions { InboxCapacity = 1 }, Token);
        Assert.Equal(SendOutcome.Failed, Assert.Single((await PublishAsync(a, "t")).Targets).Outcome);
        Assert.True((await a.Topics.PublishAsync("t", Type + 1, MessagePayload.Empty, cancellationToken: Token)).Succeeded);
        Assert.Equal([(Type, "t"), (Type + 1, "t")], seen);

        // What middleware holds back takes no place.
        Assert.Equal(SendOutcome.Failed, Assert.Single((await PublishAsync(a, "i")).Targets).Outcome);
        Assert.True((await a.Topics.PublishAsync("i", Type + 1, MessagePayload.Empty, cancellationToken: Token)).Succeeded);
        Assert.Equal(1, inbox.Count);
    }

    [Fact]
    public async Task A_member_whose_handlers_all_hang_still_acknowledges()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync();
        var b = await cluster.AddAsync(options => options.Messaging = new MessagingOptions { HandlerConcurrency = 1, HandlerQueue = 0 });
        await cluster.FormedAsync();
        var release = new TaskCompletionSource();
        b.Messages.Handle(Type, (_, _) => new ValueTask(release.Task));
        var hanging = a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, cancellationToken: Token);
        await Awaiting.UntilAsync(() => b.Messages.RunningHandlers == 1);
        await using var subscription = await a.Topics.SubscribeAsync("t", (_, _) => default, cancellationToken: Token);
        release.SetResult();
        Assert.True((await hanging).Succeeded);
    }

    [Fact]
    public async Task A_subscription_that_somebody_does_not_acknowledge_is_withdrawn_and_the_error_names_them()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b, c) = Three(cluster);
        var options = new SubscribeOptions { Timeout = TimeSpan.FromMilliseconds(200) };
        await c.Messages.DrainAsync(Token); // it is alive, and answers nothing but that it stops
        var error = await Assert.ThrowsAsync<SubscribeException>(() => a.Topics.SubscribeAsync("t", (_, _) => default, options, Token));
        Assert.Equal([c.Instance], error.Unanswered);
        Assert.Contains("'t'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, a.Topics.Subscriptions);
        await Awaiting.UntilAsync(async () => (await PublishAsync(b, "t")).IsEmpty); // who had heard of it has heard that it is gone

        var subscribing = a.Topics.SubscribeAsync("t", (_, _) => default, new SubscribeOptions { Timeout = TimeSpan.FromMinutes(1) }, Token);
        await cluster.KillAsync(c);
        await using var subscription = await subscribing; // whoever is dead is not waited for
        Assert.False((await PublishAsync(b, "t")).IsEmpty);

        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => a.Topics.SubscribeAsync("u", (_, _) => default, cancellationToken: given.Token));
        Assert.Equal(1, a.Topics.Subscriptions);
    }

    [Fact]
    public async Task Bad_input_is_a_typed_error_and_changes_nothing()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.First();
        Assert.Equal(2, (await Assert.ThrowsAsync<TopicException>(() => node.Topics.SubscribeAsync("t..u", (_, _) => default, cancellationToken: Token))).Position);
        Assert.Equal(2, (await Assert.ThrowsAsync<TopicException>(async () => await node.Topics.PublishAsync("t.*", Type, MessagePayload.Empty, cancellationToken: Token))).Position);
        await Assert.ThrowsAsync<MessageTypeException>(async () => await node.Topics.PublishAsync("t", 17, MessagePayload.Empty, cancellationToken: Token));
        await Assert.ThrowsAsync<MessageTooLargeException>(async () =>
            await node.Topics.PublishAsync("t", Type, MessagePayload.FromBytes(new byte[GossipMessaging.MaxMessageSize + 1]), cancellationToken: Token));
        foreach (var options in new SubscribeOptions[] { new() { QueueGroup = "" }, new() { QueueGroup = new string('g', 65) }, new() { Timeout = default }, new() { InboxCapacity = 0 } })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => node.Topics.SubscribeAsync("t", (_, _) => default, options, Token));
        }

        for (var i = 0; i < GossipTopics.MaxSubscriptions; i++)
        {
            await node.Topics.SubscribeAsync($"t.{i}", (_, _) => default, cancellationToken: Token);
        }

        await Assert.ThrowsAsync<SubscriptionLimitException>(() => node.Topics.SubscribeAsync("one.more", (_, _) => default, cancellationToken: Token));
        Assert.Equal(GossipTopics.MaxSubscriptions, node.Topics.Subscriptions);
        Assert.True((await PublishAsync(node, "one.more")).IsEmpty);
    }

    [Fact]
    public async Task A_payload_as_large_as_a_message_may_be_is_refused_whole_when_there_is_no_room_for_the_topic()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await b.Topics.SubscribeAsync("t", (_, _) => default, cancellationToken: Token);
        await Assert.ThrowsAsync<MessageTooLargeException>(async () =>
            await a.Topics.PublishAsync("t", Type, MessagePayload.FromBytes(new byte[GossipMessaging.MaxMessageSize]), cancellationToken: Token));
        var large = MessagePayload.FromBytes(new byte[GossipMessaging.MaxMessageSize - 1024]);
        Assert.True((await a.Topics.PublishAsync("t", Type, large, cancellationToken: Token)).Succeeded);
    }

    private static (GossipNode A, GossipNode B, GossipNode C) Three(LocalCluster cluster) => cluster.Nodes.ToArray() is [var a, var b, var c] ? (a, b, c) : throw new InvalidOperationException();

    private static Func<MessageContext, CancellationToken, ValueTask> Hearing(ConcurrentQueue<string> heard, string name) => (context, _) =>
    {
        heard.Enqueue($"{name} {context.Topic}");
        return default;
    };

    private static Task<IAsyncDisposable> SubscribeAsync(GossipNode node, string pattern, ConcurrentQueue<string> heard, string name) =>
        node.Topics.SubscribeAsync(pattern, Hearing(heard, name), cancellationToken: Token);

    private static ValueTask<PublishResult> PublishAsync(GossipNode node, string topic) =>
        node.Topics.PublishAsync(topic, Type, MessagePayload.Empty, cancellationToken: Token);

    private static IEnumerable<(NodeId Node, SendOutcome Outcome)> Outcomes(PublishResult result) => result.Targets.Select(target => (target.Target.Id, target.Outcome));

    private static IEnumerable<(NodeId Node, SendOutcome Outcome)> Handled(params GossipNode[] nodes) => nodes.Select(node => (node.Id, SendOutcome.Handled)).OrderBy(one => one.Id);

    private static string[] Taken(ConcurrentQueue<string> heard)
    {
        var taken = heard.Order(StringComparer.Ordinal).ToArray();
        heard.Clear();
        return taken;
    }
}

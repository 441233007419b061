using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What others throw, who are no handlers: it costs a trace, or an attempt, and no message, slot or peer.</summary>
public class ContainmentTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transport_that_throws_is_tried_again()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var handler = b.Messages.Handle(Type, (_, _) => default);
        a.Failures = 2;

        var sends = Enumerable.Range(0, 3).Select(_ => a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());

        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(0, a.Failures);
        Assert.True(a.Messages.Counters.Retries > 0);
    }

    [Fact]
    public async Task A_log_provider_that_throws_costs_no_slot()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 1 });
        var log = new ThrowingLog();
        b.Logger = log;
        using var handler = b.Messages.Handle(Type, (context, _) => context.Payload.Size == 0 ? throw new InvalidOperationException("the handler fails") : default);

        var failed = a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask();
        var handled = a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("x"), cancellationToken: Token).AsTask();

        Assert.True((await cluster.Run(handled)).Succeeded);
        Assert.False((await cluster.Run(failed)).Succeeded);
        Assert.True(log.Thrown > 0);
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
    }

    [Fact]
    public async Task A_listener_of_traces_that_throws_costs_no_request()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var handler = b.Messages.HandleRequest(Type, (_, _) => new(MessagePayload.FromText("yes")));
        using var root = new Activity("test").Start();
        var (trace, thrown) = (root.TraceId, 0);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gossip",
            Sample = (ref options) =>
            {
                if (options.Parent.TraceId == trace && options.Kind != ActivityKind.Client)
                {
                    Interlocked.Increment(ref thrown);
                    throw new InvalidOperationException("the listener fails");
                }

                return options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None; // others' tests run meanwhile
            },
        };
        ActivitySource.AddActivityListener(listener);

        var reply = await cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token));

        Assert.Equal("yes", reply.ReadText());
        Assert.Equal(1, thrown);
    }

    [Fact]
    public async Task A_client_that_has_left_is_forgotten_and_its_numbers_are_not_used_again()
    {
        var cluster = TestCluster.Of(1);
        var node = cluster.Nodes[0];
        var client = new NodeInstance(new NodeId(99), 5);
        node.Client = client;
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await cluster.Run(node.Messages.SendAsync(Target.Node(client.Id), Type, MessagePayload.Empty, new SendOptions { Delivery = Delivery.BestEffort }, Token).AsTask())).Succeeded);
        }

        cluster.Publish();
        Assert.Equal(1, node.Messages.KnownPeers);

        node.Client = null;
        cluster.Publish();
        Assert.Equal(0, node.Messages.KnownPeers);
    }

    private sealed class ThrowingLog : ILogger
    {
        public int Thrown { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Thrown++;
            throw new InvalidOperationException("the log provider fails");
        }
    }
}

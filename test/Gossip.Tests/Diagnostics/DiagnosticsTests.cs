using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Xunit;

namespace Gossip.Tests.Diagnostics;

public sealed class DiagnosticsTests
{
    private const int TextType = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_meter_counts_what_a_node_does()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        using var handler = second.Messages.Handle(TextType, (_, _) => ValueTask.CompletedTask);
        var result = await first.Messages.SendAsync(Target.Node(second.Id), TextType, MessagePayload.FromText("hello"), cancellationToken: Cancellation);
        Assert.True(result.Succeeded, string.Join(", ", result.Targets));

        var values = Observe(first);
        Assert.Equal(2, values["gossip.members"]);
        Assert.Equal(1, values["gossip.messages.sent"]);
        Assert.True(values["gossip.frames.sent"] > 0);
        Assert.Equal(1, Observe(second)["gossip.messages.received"]);
    }

    [Fact]
    public async Task The_meter_counts_publications_and_subscriptions()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        await using var subscription = await second.Topics.SubscribeAsync("t", (_, _) => default, cancellationToken: Cancellation);
        Assert.True((await first.Topics.PublishAsync("t", TextType, MessagePayload.Empty, cancellationToken: Cancellation)).Succeeded);
        var (publisher, subscriber) = (Observe(first), Observe(second));
        Assert.Equal((1, 0, 1), (publisher["gossip.topics.published"], publisher["gossip.topics.subscriptions"], publisher["gossip.topics.known"]));
        Assert.Equal((1, 1, 0), (subscriber["gossip.topics.delivered"], subscriber["gossip.topics.subscriptions"], subscriber["gossip.topics.failovers"]));
    }

    [Fact]
    public async Task The_meter_counts_seals_and_refusals()
    {
        var key = GossipKeys.Generate();
        await using var first = await StartAsync(key: key);
        await using var second = await StartAsync(first, key);
        await using var stranger = await StartAsync();
        await stranger.JoinAsync([first.View.Local.Address.ToString()], Cancellation);

        var values = Observe(first);
        Assert.True(values["gossip.seal.sealed"] > 0);
        Assert.True(values["gossip.seal.opened"] > 0);
        Assert.True(values["gossip.seal.refused"] > 0);
        Assert.Equal(0, Observe(second)["gossip.seal.refused"]);
    }

    [Fact]
    public async Task The_handler_s_span_is_a_child_of_the_sender_s()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gossip",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var first = await StartAsync();
        await using var second = await StartAsync(first);
        string? header = null;
        using var handler = second.Messages.HandleRequest(TextType, (context, _) =>
        {
            header = context.Headers.GetValueOrDefault("traceparent");
            return ValueTask.FromResult(MessagePayload.FromText("reply"));
        });

        using var root = new Activity("test").Start();
        await first.Messages.RequestAsync(second.Id, TextType, MessagePayload.FromText("question"), cancellationToken: Cancellation);

        var request = Assert.Single(spans, span => span.TraceId == root.TraceId && span.OperationName == "gossip.request");
        var handle = Assert.Single(spans, span => span.TraceId == root.TraceId && span.OperationName == "gossip.handle");
        Assert.Equal(request.SpanId, handle.ParentSpanId);
        Assert.Equal(request.Id, header);
    }

    private static async Task<GossipNode> StartAsync(GossipNode? seed = null, string? key = null)
    {
        var options = new GossipOptions { BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
        if (key is not null)
        {
            options.EncryptionKeys.Add(key);
        }

        if (seed is not null)
        {
            options.Seeds.Add(seed.View.Local.Address.ToString());
        }

        var node = await GossipNode.StartAsync(options, cancellationToken: Cancellation);
        if (seed is not null)
        {
            await foreach (var change in seed.WatchAsync(Cancellation))
            {
                if (change.View.Find(node.Id) is { State: MemberState.Alive })
                {
                    break;
                }
            }
        }

        return node;
    }

    /// <summary>The sum of each instrument over its tags, of one node only: other tests run nodes of their own.</summary>
    private static Dictionary<string, long> Observe(GossipNode node)
    {
        var values = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Gossip")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "gossip.node" && tag.Value as string == node.Id.ToString())
                {
                    values[instrument.Name] = values.GetValueOrDefault(instrument.Name) + value;
                }
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}

using System.Diagnostics;
using Gossip.Messaging;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class HeaderLimitTests
{
    private const int TextType = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MessageLimits.MaxHeaders)]
    [InlineData(MessageLimits.MaxHeaders - 1)]
    public async Task A_message_that_is_full_of_headers_arrives_also_when_it_is_traced(int count)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gossip",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var root = new Activity("test").AddBaggage("key", "value").Start();
        root.TraceStateString = "key=value";
        await using var from = await LiveNodes.StartAsync();
        await using var to = await LiveNodes.StartAsync(from);
        var arrived = new TaskCompletionSource<IReadOnlyDictionary<string, string>>();
        using var handler = to.Messages.Handle(TextType, (context, _) =>
        {
            arrived.TrySetResult(context.Headers);
            return ValueTask.CompletedTask;
        });
        var headers = Enumerable.Range(0, count).ToDictionary(i => $"header{i}", i => $"{i}");

        var result = await from.Messages.SendAsync(
            Target.Node(to.Id), TextType, MessagePayload.FromText("hello"), new SendOptions { Headers = headers }, Cancellation);

        Assert.True(result.Succeeded, string.Join(", ", result.Targets));
        Assert.Equal(headers, await arrived.Task.InTime());
    }
}

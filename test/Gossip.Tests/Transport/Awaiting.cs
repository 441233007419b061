using System.Threading.Channels;
using Xunit;

namespace Gossip.Tests.Transport;

/// <summary>Waits for conditions, never for a time; the deadline only ends a test that would hang.</summary>
internal static class Awaiting
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(5);

    public static Task<T> NextAsync<T>(this Channel<T> channel) => channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTime();

    public static Task InTime(this Task task) => task.WaitAsync(Deadline, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Deadline, TestContext.Current.CancellationToken);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while (!await condition())
        {
            await Task.Delay(PollPeriod, deadline.Token);
        }
    }
}

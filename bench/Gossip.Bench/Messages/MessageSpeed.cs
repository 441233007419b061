using System.Diagnostics;
using Gossip.Bench.Tables;

namespace Gossip.Bench.Messages;

/// <summary>How fast messages and requests go from one process to the other.</summary>
internal static class MessageSpeed
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    /// <summary>How many messages a second are handled by the other process.</summary>
    public static async Task<double> SendAsync(IMessageSide side, int size, CancellationToken cancellationToken)
    {
        var content = new byte[size];
        await SendForAsync(side, content, WarmUp, cancellationToken);
        return await SendForAsync(side, content, Duration, cancellationToken);
    }

    /// <summary>How many requests a second are answered, and how long each takes, with some under way at once.</summary>
    public static async Task<(double Rate, Latencies Times)> RequestAsync(IMessageSide side, int size, int atOnce, CancellationToken cancellationToken)
    {
        var content = new byte[size];
        await RequestForAsync(side, content, atOnce, WarmUp, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var times = await RequestForAsync(side, content, atOnce, Duration, cancellationToken);
        return (times.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, times);
    }

    private static async Task<double> SendForAsync(IMessageSide side, byte[] content, TimeSpan duration, CancellationToken cancellationToken)
    {
        const int Between = 64; // messages between two looks at the clock
        var count = 0L;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            for (var i = 0; i < Between; i++)
            {
                await side.SendAsync(content, cancellationToken);
            }

            count += Between;
        }

        await side.WhenHandledAsync(cancellationToken);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<Latencies> RequestForAsync(IMessageSide side, byte[] content, int atOnce, TimeSpan duration, CancellationToken cancellationToken)
    {
        var total = Stopwatch.StartNew();
        var all = new Latencies();
        foreach (var own in await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(AskAsync, cancellationToken))))
        {
            all.AddRange(own);
        }

        return all;

        async Task<Latencies> AskAsync()
        {
            var latencies = new Latencies();
            while (total.Elapsed < duration)
            {
                var start = Stopwatch.GetTimestamp();
                await side.RequestAsync(content, cancellationToken);
                latencies.AddSince(start);
            }

            return latencies;
        }
    }
}

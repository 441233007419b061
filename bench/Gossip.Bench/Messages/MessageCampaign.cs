using System.Security.Cryptography;
using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Messages;

/// <summary>All measurements of messages, in turn with the peer.</summary>
internal sealed class MessageCampaign(MessageCommandLine command, TextWriter log)
{
    private const int RequestBytes = 64;
    private const int KeyBytes = 32;

    private static readonly int[] Sizes = [64, 1024];
    private static readonly int[] AtOnce = [1, 64, 512];

    private readonly ResultSet _results = new();
    private readonly List<string> _notes = [];
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
    private int _failures;

    /// <summary>Runs all, and writes the table of results.</summary>
    /// <returns>Whether all could be measured.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var version = command.Peer ? await NatsMessages.FindVersionAsync() : null;
        Note($"{Environment.ProcessorCount} cores, two processes on loopback; every 64th message the sender looks at the clock.");
        if (version is not null)
        {
            Note($"The peer is {version}: publisher, server and subscriber are three processes. It is at most once: what a slow subscriber does not take is dropped with its connection. One-way messages of this library are reliable, each with a receipt, and handled in order.");
        }
        else if (command.Peer)
        {
            Note("SKIPPED the peer: nats-server is not installed (Debian: apt-get install nats-server), so there is nothing to compare with.");
        }

        for (var run = 1; run <= command.Runs && !cancellationToken.IsCancellationRequested; run++)
        {
            await TryAsync($"ours, run {run}", () => MeasureOursAsync(cancellationToken), cancellationToken);
            if (version is not null)
            {
                await TryAsync($"peer, run {run}", () => MeasurePeerAsync(cancellationToken), cancellationToken);
            }
        }

        ResultTable.Write(log, _results, _notes, command.Peer);
        return _failures == 0;
    }

    private async Task MeasureOursAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, oneWay, requests) in new[] { (null, MessageMetrics.Reliable, MessageMetrics.Requests), (_key, MessageMetrics.ReliableSealed, MessageMetrics.RequestsSealed) })
        {
            await using var side = new GossipMessages(key, Delivery.Reliable);
            await side.StartAsync(cancellationToken);
            await MeasureAsync(side, oneWay, requests, cancellationToken);
        }

        _results.Add(MessageMetrics.FanOut, TagFanOut.Targets, Side.Ours, await TagFanOut.MeasureAsync(cancellationToken));
        await using var bestEffort = new GossipMessages(null, Delivery.BestEffort);
        await bestEffort.StartAsync(cancellationToken);
        foreach (var size in Sizes)
        {
            // What was lost on the way does not count.
            var rate = await MessageSpeed.SendAsync(bestEffort, size, cancellationToken);
            _results.Add(MessageMetrics.BestEffort, size, Side.Ours, rate * await bestEffort.ArrivedAsync(cancellationToken));
        }
    }

    private async Task MeasurePeerAsync(CancellationToken cancellationToken)
    {
        await using var side = new NatsMessages();
        await side.StartAsync(cancellationToken);
        await MeasureAsync(side, MessageMetrics.Reliable, MessageMetrics.Requests, cancellationToken);
    }

    private async Task MeasureAsync(IMessageSide side, Metric oneWay, Metric requests, CancellationToken cancellationToken)
    {
        foreach (var size in Sizes)
        {
            _results.Add(oneWay, size, side.Side, await MessageSpeed.SendAsync(side, size, cancellationToken));
        }

        foreach (var atOnce in AtOnce)
        {
            var (rate, times) = await MessageSpeed.RequestAsync(side, RequestBytes, atOnce, cancellationToken);
            _results.Add(requests, atOnce, side.Side, rate);
            if (requests == MessageMetrics.Requests)
            {
                _results.Add(MessageMetrics.RequestMedian, atOnce, side.Side, times.Median);
                _results.Add(MessageMetrics.RequestTail, atOnce, side.Side, times.P99);
            }
        }
    }

    private async Task TryAsync(string name, Func<Task> measure, CancellationToken cancellationToken)
    {
        log.WriteLine(name);
        try
        {
            await measure();
        }
        catch (Exception e) when (e is MeasurementException or IOException or GossipException or TimeoutException or OperationCanceledException)
        {
            _failures++;
            Note($"FAILED {name}: {(cancellationToken.IsCancellationRequested ? "interrupted" : e.Message)}");
        }
    }

    private void Note(string text)
    {
        _notes.Add(text);
        log.WriteLine(text);
    }
}

using System.Diagnostics;
using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>All measurements of the table, in turn with the peer, in the same run and on the same disk.</summary>
internal sealed class TableCampaign(TableCommandLine command, TextWriter log)
{
    private const int Swaps = 13;
    private const int Killed = 14;
    private const int Started = 15;
    private const int Rows = 18;
    private const int Flushes = 500;
    private const int FlushBytes = 256;

    private static readonly int[] Contenders = [10, 50];
    private static readonly int[] Starters = [30, 100];

    private readonly ResultSet _results = new();
    private readonly List<string> _notes = [];
    private bool _hasPeer;
    private int _failures;

    /// <summary>Runs all, and writes the table of results.</summary>
    /// <returns>Whether all could be measured.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await FindPeerAsync();
        Note($"{Environment.ProcessorCount} cores; three processes with a directory each on one disk, clients in a fourth; agents run with {string.Join(' ', GossipCluster.RuntimeSettings.Select(setting => $"{setting.Key}={setting.Value}"))}.");
        try
        {
            for (var run = 1; run <= command.Runs; run++)
            {
                foreach (var isOurs in _hasPeer ? new[] { true, false } : [true])
                {
                    log.WriteLine($"{(isOurs ? "ours" : "peer")}, run {run} of {command.Runs}");
                    await MeasureAsync(isOurs, run, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _failures++;
            Note("Interrupted by a signal: not all was measured.");
        }

        ResultTable.Write(log, _results, _notes, command.Peer);
        return _failures == 0;
    }

    private async Task FindPeerAsync()
    {
        var version = command.Peer ? await EtcdTable.FindVersionAsync() : null;
        _hasPeer = version is not null;
        if (version is not null)
        {
            Note($"The peer is {version} with its defaults, spoken to by its JSON gateway. Its swaps need no read: each answer tells what to expect next. Those of this library read before each swap.");
        }
        else if (command.Peer)
        {
            Note("SKIPPED the peer: etcd is not installed (Debian: apt-get install etcd-server), so there is nothing to compare with.");
        }
    }

    private async Task MeasureAsync(bool isOurs, int run, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("gossip-bench-");
        try
        {
            MeasureDisk(Path.Combine(directory.FullName, "flushed"));
            await using ITableSide side = isOurs ? new GossipTable(directory.FullName) : new EtcdTable(directory.FullName);
            await side.StartAsync(cancellationToken);
            if (command.Only.Contains(Swaps))
            {
                await SwapSpeed.MeasureAloneAsync(side, _results, cancellationToken);
                foreach (var contenders in Contenders)
                {
                    await SwapSpeed.MeasureContendedAsync(side, contenders, _results, cancellationToken);
                }
            }

            if (command.Only.Contains(Rows))
            {
                await ManyRows.MeasureAsync(side, _results, cancellationToken);
            }

            if (command.Only.Contains(Killed))
            {
                // Spread over the runs, so that what is wrong with one is not all that is seen.
                var kills = (command.Kills * run / command.Runs) - (command.Kills * (run - 1) / command.Runs);
                await Failover.MeasureAsync(side, kills, _results, log, cancellationToken);
            }

            foreach (var clients in command.Only.Contains(Started) ? Starters : [])
            {
                await StartTogether.MeasureAsync(side, clients, inTurns: false, _results, cancellationToken);
                if (isOurs)
                {
                    await StartTogether.MeasureAsync(side, clients, inTurns: true, _results, cancellationToken);
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is MeasurementException or IOException or HttpRequestException or GossipException or OperationCanceledException)
        {
            _failures++;
            Note($"FAILED {(isOurs ? "ours" : "peer")}, run {run}: {e.Message}");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>What no commit can be faster than.</summary>
    private void MeasureDisk(string path)
    {
        var latencies = new Latencies();
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        for (var flush = 0; flush < Flushes; flush++)
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, new byte[FlushBytes], (long)flush * FlushBytes);
            RandomAccess.FlushToDisk(file);
            latencies.AddSince(start);
        }

        _results.Add(TableMetrics.DiskFlush, 0, Side.Ours, latencies.Median);
    }

    private void Note(string text)
    {
        _notes.Add(text);
        log.WriteLine(text);
    }
}

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Gossip;

namespace Node;

/// <summary>A user of the table that reads, and tries to change what it read, while it is told to; and writes down all that it asks and all that it is answered.</summary>
internal sealed class TableWork(GossipNode node, IConfiguration configuration) : BackgroundService
{
    private const int Rows = 8;
    private const double ReadOnlyShare = 0.25;
    private static readonly TimeSpan DefaultPace = TimeSpan.FromMilliseconds(50);

    private readonly string _life = $"{Guid.NewGuid():N}";
    private readonly TimeSpan _thinkMax = configuration.GetValue("Pace", DefaultPace);
    private readonly Lock _gate = new();
    private TaskCompletionSource _rest = new();
    private TaskCompletionSource _on = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamWriter? _history;
    private int _operations;

    /// <summary>Whether it works.</summary>
    public bool IsOn
    {
        get => _on.Task.IsCompleted;
        set
        {
            lock (_gate)
            {
                if (value && !IsOn)
                {
                    _rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _on.SetResult();
                }
                else if (!value && IsOn)
                {
                    _on = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    /// <summary>Ends when it has stopped to work.</summary>
    public Task Rest => _rest.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _rest.SetResult();
        while (true)
        {
            if (!IsOn)
            {
                _rest.TrySetResult();
                await _on.Task.WaitAsync(stoppingToken);
            }

            _history ??= Open();
            try
            {
                await WorkAsync(stoppingToken);
            }
            catch (Exception e) when (e is GossipException or ArgumentException)
            {
                // No answer: whether it happened nobody says. The line that would say so is missing.
            }

            await Task.Delay(_thinkMax * Random.Shared.NextDouble(), stoppingToken);
        }
    }

    public override void Dispose()
    {
        _history?.Dispose();
        base.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var read = Begin(new HistoryLine(++_operations, "Read", Stopwatch.GetTimestamp()));
        var table = await node.Table.ReadAllAsync(cancellationToken);
        Write(read with
        {
            Ended = Stopwatch.GetTimestamp(),
            Version = table.Version.Number,
            Etag = table.Version.Etag,
            Rows = [.. table.Rows.Select(static row => new HistoryRow(row.Key, Encoding.UTF8.GetString(row.Value.Span), row.Etag))],
        });
        if (Random.Shared.NextDouble() < ReadOnlyShare)
        {
            return;
        }

        var key = $"row-{Random.Shared.Next(Rows)}";
        var row = table.Find(key);
        var write = Begin(new HistoryLine(++_operations, row is null ? "Insert" : "Update", Stopwatch.GetTimestamp())
        {
            Key = key,
            Value = $"{_life}.{_operations}",
            RowEtag = row?.Etag,
            Version = table.Version.Number,
            Etag = table.Version.Etag,
        });
        var value = Encoding.UTF8.GetBytes(write.Value!);
        var won = row is null
            ? await node.Table.InsertRowAsync(key, value, table.Version, cancellationToken: cancellationToken)
            : await node.Table.UpdateRowAsync(key, value, row.Etag, table.Version, cancellationToken: cancellationToken);
        Write(write with { Ended = Stopwatch.GetTimestamp(), Won = won });
    }

    private HistoryLine Begin(HistoryLine line)
    {
        Write(line);
        return line;
    }

    /// <summary>Each line leaves the process at once: it outlives a kill.</summary>
    private void Write(HistoryLine line)
    {
        _history?.WriteLine(JsonSerializer.Serialize(line, JsonSerializerOptions.Web));
        _history?.Flush();
    }

    private StreamWriter? Open() => configuration["History"] is { Length: > 0 } path ? new StreamWriter($"{path}.{_life}") : null;
}

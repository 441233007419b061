using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Quickstart.Nodes;

/// <summary>A node in a process of its own, as the tour sees it: what it reported, and what it can be asked.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    /// <summary>How long a process may take to end by itself before it is killed.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly List<Line> _reports = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Answer>> _asked = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastNumber;
    private bool _ended;

    private NodeProcess(NodeSettings settings, Process process)
    {
        Settings = settings;
        _process = process;
        ProcessId = process.Id;
        _reading = Task.Run(ReadAsync);
    }

    public NodeSettings Settings { get; }

    public string Name => Settings.Name;

    public int ProcessId { get; }

    /// <summary>Starts this very program once more, as a node.</summary>
    public static NodeProcess Start(NodeSettings settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // Under `dotnet Quickstart.dll` the process is the runtime, and the program is its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Arguments.NodeArgument);
        start.ArgumentList.Add(JsonSerializer.Serialize(settings));
        return new NodeProcess(settings, Process.Start(start)!);
    }

    /// <summary>The earliest report of some kind that meets a condition, now or when it comes.</summary>
    /// <exception cref="ClaimException">It did not come in time, or the process has ended.</exception>
    public async Task<T> WhenAsync<T>(string what, Func<T, bool> condition, CancellationToken cancellationToken)
        where T : Line
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Pace.Patience);
        for (var next = 0; ;)
        {
            Task news;
            lock (_gate)
            {
                for (; next < _reports.Count; next++)
                {
                    if (_reports[next] is T report && condition(report))
                    {
                        return report;
                    }
                }

                ClaimException.Unless(!_ended, $"{Name} ended before it saw {what}");
                news = _news.Task;
            }

            try
            {
                await news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ClaimException($"{Name} did not see {what} within {Pace.Patience.TotalSeconds:0} s");
            }
        }
    }

    /// <summary>All that the node saw, the oldest first.</summary>
    public Snapshot[] Snapshots()
    {
        lock (_gate)
        {
            return [.. _reports.OfType<Snapshot>()];
        }
    }

    public Snapshot Latest() => Snapshots()[^1];

    /// <summary>Has the node do something, for its result.</summary>
    /// <exception cref="ClaimException">It could not, or gave no answer in time.</exception>
    public async Task<T> AskAsync<T>(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var waiter = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = waiter;
        try
        {
            await _process.StandardInput.WriteLineAsync(Line.Write(new Command(number, verb, words)));
            await _process.StandardInput.FlushAsync(cancellationToken);
            var answer = await waiter.Task.WaitAsync(Pace.Patience, cancellationToken);
            ClaimException.Unless(answer.Error is null, $"{Name}: {answer.Error}");
            return answer.Result is { } result ? result.Deserialize<T>(Line.Format)! : default!;
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new ClaimException($"{Name} does not answer '{verb}': {e.Message}");
        }
    }

    /// <summary>Has the node do something.</summary>
    /// <inheritdoc cref="AskAsync{T}" path="/exception"/>
    public Task TellAsync(string verb, CancellationToken cancellationToken, params string[] words) =>
        AskAsync<JsonElement?>(verb, cancellationToken, words);

    /// <summary>Ends the process at once, without a word: SIGKILL, or what comes next to it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Pace.Patience, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends the process: gently, by closing its standard input, and if that does not help by force.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(ExitPatience);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _process.Kill();
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            Line line;
            try
            {
                line = Line.Read<Line>(text);
            }
            catch (JsonException)
            {
                break; // the last words of a process that was killed in the middle of them
            }

            if (line is Answer answer)
            {
                if (_asked.TryRemove(answer.Number, out var waiter))
                {
                    waiter.TrySetResult(answer);
                }
            }
            else
            {
                Publish(line);
            }
        }

        foreach (var waiter in _asked.Values)
        {
            waiter.TrySetException(new IOException("the process has ended"));
        }

        Publish(null);
    }

    /// <summary>Keeps a report and wakes who waits for one; null is the end.</summary>
    private void Publish(Line? report)
    {
        lock (_gate)
        {
            if (report is null)
            {
                _ended = true;
            }
            else
            {
                _reports.Add(report);
            }

            _news.SetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

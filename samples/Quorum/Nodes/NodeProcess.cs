using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Quorum.Tour;

namespace Quorum.Nodes;

/// <summary>A node in a process of its own, and what it can be asked.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    /// <summary>How long a process may take to end by itself before it is killed.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(4);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Answer>> _asked = new();
    private int _lastNumber;
    private volatile bool _ended;

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

        // Under `dotnet Quorum.dll` the process is the runtime, and the program is its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Arguments.NodeArgument);
        start.ArgumentList.Add(JsonSerializer.Serialize(settings));
        return new NodeProcess(settings, Process.Start(start)!);
    }

    /// <summary>Has the node do something, for its result.</summary>
    /// <exception cref="ClaimException">It could not, or gave no answer in time.</exception>
    public async Task<T> AskAsync<T>(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var answer = await TryAsync(verb, cancellationToken, words);
        ClaimException.Unless(answer.Error is null, $"{Name}: {answer.Error}");
        return answer.Result!.Value.Deserialize<T>(Line.Format)!;
    }

    /// <summary>Has the node try to do something; the answer may be an error.</summary>
    /// <exception cref="ClaimException">It gave no answer in time.</exception>
    public async Task<Answer> TryAsync(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var waiter = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = waiter;
        try
        {
            ClaimException.Unless(!_ended, $"{Name} has ended");
            await WriteAsync(new Command(number, verb, words), cancellationToken);
            return await waiter.Task.WaitAsync(Pace.Patience, cancellationToken);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new ClaimException($"{Name} does not answer '{verb}': {e.Message}");
        }
    }

    /// <summary>Asks for the status until it is as wanted.</summary>
    /// <exception cref="ClaimException">It did not come to that in time.</exception>
    public async Task<Status> WhenAsync(string what, Func<Status, bool> condition, CancellationToken cancellationToken)
    {
        var start = Stopwatch.StartNew();
        while (true)
        {
            var status = await AskAsync<Status>(Verb.Status, cancellationToken);
            if (condition(status))
            {
                return status;
            }

            ClaimException.Unless(start.Elapsed < Pace.Patience, $"{Name} did not see {what} within {Pace.Patience.TotalSeconds:0} s. {status.Diagnosis}");
            await Task.Delay(Pace.LookAgain, cancellationToken);
        }
    }

    /// <summary>Ends the process at once, without a word: SIGKILL, or what comes next to it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops the node, which says goodbye, and waits for the end of its process.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(new Command(0, Verb.Leave, []), cancellationToken);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Pace.Patience, cancellationToken);
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
            await _process.WaitForExitAsync();
        }

        await _reading;
        _process.Dispose();
    }

    private async Task WriteAsync(Command command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(Line.Write(command).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            try
            {
                var answer = Line.Read<Answer>(text);
                if (_asked.TryRemove(answer.Number, out var waiter))
                {
                    waiter.TrySetResult(answer);
                }
            }
            catch (JsonException)
            {
                break; // the last words of a process that was killed in the middle of them
            }
        }

        _ended = true;
        foreach (var waiter in _asked.Values)
        {
            waiter.TrySetException(new IOException("the process has ended"));
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using OrleansCluster.Tour;

namespace OrleansCluster.Silos;

/// <summary>A silo in a process of its own, and what it can be asked.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>How long a silo may take to stop: its process gives up by itself a little earlier.</summary>
    private static readonly TimeSpan ExitPatience = Pace.StopPatience + TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Answer>> _asked = new();
    private int _lastNumber;
    private volatile bool _ended;

    private SiloProcess(SiloSettings settings, Process process)
    {
        Settings = settings;
        _process = process;
        ProcessId = process.Id;
        _reading = Task.Run(ReadAsync);
    }

    public SiloSettings Settings { get; }

    public string Name => Settings.Name;

    public int ProcessId { get; }

    /// <summary>Starts this very program once more, as a silo.</summary>
    public static SiloProcess Start(SiloSettings settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // Under `dotnet OrleansCluster.dll` the process is the runtime, and the program is its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Arguments.SiloArgument);
        start.ArgumentList.Add(JsonSerializer.Serialize(settings));
        return new SiloProcess(settings, Process.Start(start)!);
    }

    /// <summary>Has the silo do something, for its result.</summary>
    /// <exception cref="ClaimException">It could not, or gave no answer in time.</exception>
    public async Task<T> AskAsync<T>(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var answer = await TryAsync(verb, cancellationToken, words);
        ClaimException.Unless(answer.Error is null, $"{Name}: {answer.Error}");
        return answer.Result!.Value.Deserialize<T>(Line.Format)!;
    }

    /// <summary>Has the silo do something that has no result.</summary>
    /// <exception cref="ClaimException">It could not, or gave no answer in time.</exception>
    public async Task TellAsync(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var answer = await TryAsync(verb, cancellationToken, words);
        ClaimException.Unless(answer.Error is null, $"{Name}: {answer.Error}");
    }

    /// <summary>Has the silo try to do something; the answer may be an error.</summary>
    /// <exception cref="ClaimException">It gave no answer in time.</exception>
    private async Task<Answer> TryAsync(string verb, CancellationToken cancellationToken, params string[] words)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var waiter = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = waiter;
        try
        {
            ClaimException.Unless(!_ended, $"{Name} has ended");
            await WriteAsync(new Command(number, verb, words), cancellationToken);
            return await waiter.Task.WaitAsync(Pace.StartPatience, cancellationToken);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new ClaimException($"{Name} does not answer '{verb}': {e.Message}");
        }
    }

    /// <summary>Asks the same until the answer is as wanted.</summary>
    /// <exception cref="ClaimException">It did not come to that in time.</exception>
    public async Task<T> WhenAsync<T>(string what, TimeSpan patience, string verb, Func<T, bool> condition, CancellationToken cancellationToken, params string[] words)
    {
        var start = Stopwatch.StartNew();
        while (true)
        {
            var result = await AskAsync<T>(verb, cancellationToken, words);
            if (condition(result))
            {
                return result;
            }

            ClaimException.Unless(start.Elapsed < patience, $"{Name} did not see {what} within {patience.TotalSeconds:0} s");
            await Task.Delay(Pace.LookAgain, cancellationToken);
        }
    }

    /// <summary>Ends the process at once, without a word: SIGKILL, or what comes next to it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Has the silo stop in order, and waits for the end of its process.</summary>
    /// <exception cref="ClaimException">It did not stop in time, or not in order.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(ExitPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ClaimException($"{Name} did not stop within {ExitPatience.TotalSeconds:0} s");
        }

        ClaimException.Unless(_process.ExitCode == 0, $"{Name} did not stop within {Pace.StopPatience.TotalSeconds:0} s, or failed: exit code {_process.ExitCode}");
    }

    /// <summary>Ends the process: gently, by closing its standard input, and if that does not help by force.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(Pace.EndPatience);
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

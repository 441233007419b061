using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Orleans.Bench.Silos;

/// <summary>A silo in a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>For an answer, the first of which comes when the silo has started. It only keeps a caller from hanging.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(150);

    /// <summary>A little more than the process itself has.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly StringBuilder _log = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Answer>> _asked = new();
    private int _lastNumber;
    private volatile bool _hasEnded;

    private SiloProcess(SiloSettings settings, Process process)
    {
        (Settings, _process) = (settings, process);
        _reading = Task.WhenAll(Task.Run(ReadAsync), Task.Run(ReadLogAsync));
    }

    public SiloSettings Settings { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>What it logged: warnings and worse.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a silo.</summary>
    /// <param name="program">The assembly of this program.</param>
    /// <param name="settings">Which silo.</param>
    public static SiloProcess Start(string program, SiloSettings settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", program, SiloSettings.Argument, JsonSerializer.Serialize(settings)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new SiloProcess(settings, Process.Start(start)!);
    }

    /// <summary>Starts a silo from the program that runs now.</summary>
    public static SiloProcess Start(SiloSettings settings) => Start(typeof(SiloProcess).Assembly.Location, settings);

    /// <summary>Asks the silo, for the result.</summary>
    /// <exception cref="InvalidOperationException">It answered with an error, which is the message; or not at all.</exception>
    public async Task<T> AskAsync<T>(string verb, CancellationToken cancellationToken, string word = "")
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var waiter = _asked[number] = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_hasEnded)
        {
            throw Ended();
        }

        var line = JsonSerializer.Serialize(new Command(number, verb, word));
        lock (_asked)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }

        var answer = await waiter.Task.WaitAsync(AnswerPatience, cancellationToken);
        return answer switch
        {
            { Error: { } error } => throw new InvalidOperationException(error),
            { Result: { } result } => result.Deserialize<T>()!,
            _ => default!, // a null comes as none
        };
    }

    public Task<SiloReport> ReportAsync(CancellationToken cancellationToken) => AskAsync<SiloReport>(Verb.Report, cancellationToken);

    /// <summary>Waits until the silo's own report is as wanted. The token is the bound.</summary>
    public async Task<SiloReport> WhenAsync(Predicate<SiloReport> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var report = await ReportAsync(cancellationToken);
            if (condition(report))
            {
                return report;
            }

            await Task.Delay(LookAgain, cancellationToken);
        }
    }

    /// <summary>Waits until the silo's view says that another one is dead. The token is the bound.</summary>
    public async Task<DateTimeOffset> WhenDeadAsync(string silo, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await AskAsync<DateTimeOffset?>(Verb.Death, cancellationToken, silo) is { } time)
            {
                return time;
            }

            await Task.Delay(LookAgain, cancellationToken);
        }
    }

    /// <summary>Ends the process at once, without a word: SIGKILL, or what comes next to it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends the process: gently, and if that does not help by force.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(ExitPatience);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            await KillAsync();
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            try
            {
                var answer = JsonSerializer.Deserialize<Answer>(text)!;
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

        _hasEnded = true;
        foreach (var waiter in _asked.Values)
        {
            waiter.TrySetException(Ended());
        }
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } text)
        {
            lock (_log)
            {
                _log.AppendLine(text);
            }
        }
    }

    private InvalidOperationException Ended() => new($"The process of {Settings.Name} has ended. {Log}");
}

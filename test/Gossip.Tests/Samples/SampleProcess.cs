using System.Diagnostics;
using System.Text;
using Xunit;

namespace Gossip.Tests.Samples;

/// <summary>A sample as a process of its own: its input, and its output line by line.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    /// <summary>For anything that is waited for. Samples have shorter deadlines themselves; this one only keeps a test from hanging.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private readonly Task _reading;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SampleProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    public static SampleProcess Start(string sample, params string[] arguments)
    {
        // From test/Gossip.Tests/bin/<configuration>/<framework> to samples/<sample>/bin/<configuration>/<framework>.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!;
        var program = Path.Combine(root.FullName, "samples", sample, "bin", here.Parent.Name, here.Name, $"{sample}.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        return new SampleProcess(Process.Start(start)!);
    }

    /// <summary>Runs a sample to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string sample, params string[] arguments)
    {
        await using var process = Start(sample, arguments);
        return (await process.WaitForExitAsync(), process.Output);
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until a condition on the output holds.</summary>
    public async Task WhenAsync(Predicate<string> condition)
    {
        var limit = Task.Delay(Patience);
        while (true)
        {
            Task news;
            lock (_gate)
            {
                news = _news.Task;
            }

            if (condition(Output))
            {
                return;
            }

            Assert.True(await Task.WhenAny(news, limit) == news, $"It did not print what was waited for:\n{Output}");
            Assert.False(_reading.IsCompleted && !condition(Output), $"It ended before it printed what was waited for:\n{Output}");
        }
    }

    public Task WhenAsync(string text) => WhenAsync(output => output.Contains(text, StringComparison.Ordinal));

    /// <summary>Ends this process only, at once, as a crash would.</summary>
    public void Kill() => _process.Kill();

    public async Task<int> WaitForExitAsync()
    {
        await Task.WhenAll(_process.WaitForExitAsync(), _reading).WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync();
            lock (_gate)
            {
                _output.AppendLine(line);
                _news.TrySetResult();
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (line is null)
            {
                return;
            }
        }
    }
}

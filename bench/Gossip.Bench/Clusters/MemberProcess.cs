using System.Diagnostics;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Clusters;

/// <summary>A process of a cluster. Each line that it writes is handed on at once, with the time of its arrival.</summary>
internal sealed class MemberProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Thread _reader;

    /// <param name="number">The number of its first node.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Variables that are set for it.</param>
    /// <param name="onLine">Takes each line.</param>
    public MemberProcess(int number, Place place, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Action<long, string> onLine)
    {
        Number = number;
        string[] all = place.Namespace is { } name ? [NetworkNamespace.Program, "netns", "exec", name, .. command] : [.. command];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;

        // A thread each: readers in a pool would stamp their lines when the pool comes to it.
        _reader = new Thread(() => Read(onLine)) { IsBackground = true };
        _reader.Start();
    }

    public int Number { get; }

    public int Id => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public ProcessStatus Status => ProcessStatus.Read(Id);

    public void Command(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>SIGKILL: nothing is said to anybody.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _reader.Join();
        _process.Dispose();
    }

    private void Read(Action<long, string> onLine)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            onLine(MonotonicClock.Now, line);
        }
    }
}

using Orleans.Bench.Silos;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Silos in processes of their own, with the options as they are shipped. Each starts again with the ports and the directory that it had.</summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    /// <summary>Whatever these tests wait for comes within this, or not at all: more than the 60 s after which a silo that could not start gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gossip-silos-");
    private readonly SiloSettings[] _settings;
    private readonly SiloProcess[] _silos;

    private ProcessCluster(int silos, bool isDurable, Func<SiloSettings, SiloSettings> configure)
    {
        _settings = [.. SiloGroup.Settings(silos).Select(settings => configure(settings with { DataDirectory = isDurable ? Path.Combine(_directory.FullName, settings.Name) : null }))];
        _silos = [.. _settings.Select(Start)];
    }

    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Those whose process runs.</summary>
    public IEnumerable<SiloProcess> Running => _silos.Where(static silo => !silo.HasEnded);

    /// <summary>Starts all silos at once, and waits until all believe that all are active.</summary>
    public static async Task<ProcessCluster> StartAsync(int silos, bool isDurable = false, Func<SiloSettings, SiloSettings>? configure = null)
    {
        var cluster = new ProcessCluster(silos, isDurable, configure ?? (static settings => settings));
        try
        {
            await cluster.AwaitAsync(report => report.Active == silos && report.Acceptors == (silos < 3 ? 1 : silos < 9 ? 3 : 5) && report.Diagnosis.Length == 0);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the report of each running silo is as wanted.</summary>
    public Task AwaitAsync(Predicate<SiloReport> condition) => WithinAsync(token => Task.WhenAll(Running.Select(silo => silo.WhenAsync(condition, token))));

    /// <summary>Kills silos at the same moment, and says how long it took until the last of the others believed the last of them dead.</summary>
    public async Task<TimeSpan> KillAsync(params SiloProcess[] victims)
    {
        var addresses = await Task.WhenAll(victims.Select(static silo => silo.ReportAsync(TestContext.Current.CancellationToken)));
        var start = DateTimeOffset.UtcNow;
        await Task.WhenAll(victims.Select(static silo => silo.KillAsync()));
        var times = Array.Empty<DateTimeOffset>();
        await WithinAsync(async token => times = await Task.WhenAll(
            from silo in Running from victim in addresses select silo.WhenDeadAsync(victim.Silo, token)));
        return times.Max() - start;
    }

    /// <summary>Starts a silo again that was killed.</summary>
    public SiloProcess StartAgain(SiloProcess killed)
    {
        var index = Array.IndexOf(_silos, killed);
        return _silos[index] = Start(_settings[index]);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_silos.Select(static silo => silo.DisposeAsync().AsTask()));
        _directory.Delete(recursive: true);
    }

    private static SiloProcess Start(SiloSettings settings)
    {
        // From test/Orleans.Clustering.Gossip.Tests/bin/<configuration>/<framework> to bench/Orleans.Bench/bin/<configuration>/<framework>.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!;
        return SiloProcess.Start(Path.Combine(root.FullName, "bench", "Orleans.Bench", "bin", here.Parent.Name, here.Name, "Orleans.Bench.dll"), settings);
    }

    private async Task WithinAsync(Func<CancellationToken, Task> wait)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await wait(patience.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"What was waited for did not come within {Patience}.\n{string.Join('\n', Running.Select(static silo => $"{silo.Settings.Name}: {silo.Log}"))}");
        }
    }
}

using System.Globalization;
using OrleansCluster.Grains;

namespace OrleansCluster.Silos;

/// <summary>The silos, their data directories, and the client. Disposing it ends whatever still runs, and removes the directories.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string ServiceId = "orleans-cluster-sample";

    /// <summary>A tag of alpha and gamma. The other tag is that of <see cref="ICacheGrain"/>.</summary>
    public const string Web = "web";

    public static readonly string[] Names = ["alpha", "beta", "gamma"];

    private static readonly string[][] Tags = [[Web], [ICacheGrain.Tag], [ICacheGrain.Tag, Web]];

    /// <summary>A silo listens for silos, for clients, and for gossip.</summary>
    private const int PortsOfSilo = 3;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SiloProcess> _running = new(StringComparer.Ordinal);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orleans-cluster-");
    private readonly int[][] _ports = [.. FreePorts.Find(Names.Length * PortsOfSilo).Chunk(PortsOfSilo)];
    private readonly string[] _seeds;
    private readonly bool _logs;

    // A name of its own, should another run get a port that a silo of this one had.
    private readonly string _clusterId = string.Create(CultureInfo.InvariantCulture, $"orleans-cluster-{Environment.ProcessId}");

    private GrainClient? _client;
    private bool _disposed;

    public Cluster(bool logs)
    {
        _logs = logs;

        // All are told all three, themselves among them: it is the same list everywhere, and a majority of it makes the table.
        _seeds = [.. _ports.Select(static ports => $"127.0.0.1:{ports[^1].ToString(CultureInfo.InvariantCulture)}")];
    }

    public GrainClient Client => _client ?? throw new InvalidOperationException("The client was not started.");

    public SiloProcess[] Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Values];
            }
        }
    }

    public SiloProcess this[string name] => Running.Single(silo => silo.Name == name);

    /// <summary>How a silo is started: at the same address and with the same directory each time.</summary>
    public SiloSettings Plan(string name)
    {
        var index = Array.IndexOf(Names, name);
        var ports = _ports[index];
        return new SiloSettings(name, _clusterId, ports[0], ports[1], _seeds[index], _seeds, Tags[index], Path.Combine(_data.FullName, name), _logs);
    }

    public SiloProcess Start(SiloSettings settings)
    {
        lock (_gate)
        {
            // A run that is interrupted may just be about to start the next process.
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _running[settings.Name] = SiloProcess.Start(settings);
        }
    }

    public async Task StartClientAsync(CancellationToken cancellationToken) => _client = await GrainClient.StartAsync(_clusterId, _seeds, _logs, cancellationToken);

    public async Task StopClientAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Forgets a process that was ended.</summary>
    public ValueTask RemoveAsync(SiloProcess silo)
    {
        lock (_gate)
        {
            _running.Remove(silo.Name);
        }

        return silo.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await Task.WhenAll([StopClientAsync(), .. Running.Select(static silo => silo.DisposeAsync().AsTask())]);
        _data.Delete(recursive: true);
    }
}

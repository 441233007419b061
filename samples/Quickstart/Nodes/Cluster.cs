using System.Collections.Concurrent;
using System.Globalization;
using Gossip;

namespace Quickstart.Nodes;

/// <summary>The three processes of the tour. Disposing it ends those that still run.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Web = "web";
    public const string Worker = "worker";

    /// <summary>Any free port of this machine, so that several tours can run at once.</summary>
    public const string AnyPort = "127.0.0.1:0";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, NodeProcess> _running = [];
    private readonly ConcurrentDictionary<string, string> _names = [];
    private readonly ConcurrentDictionary<string, string> _addresses = [];

    // A name of its own, should another tour get a port that a node of this one had.
    private readonly string _clusterName = string.Create(CultureInfo.InvariantCulture, $"quickstart-{Environment.ProcessId}");

    private bool _disposed;

    /// <summary>The node that the others find first.</summary>
    public NodeProcess Alpha => this["alpha"];

    public NodeProcess Beta => this["beta"];

    public NodeProcess Gamma => this["gamma"];

    public IEnumerable<NodeProcess> Running => _running.Values.OrderBy(node => node.Name, StringComparer.Ordinal);

    public NodeProcess this[string name] => _running.TryGetValue(name, out var node) ? node : throw new ClaimException($"{name} does not run");

    /// <summary>How the nodes of the tour are started, by name; a node that ran before goes back to its address.</summary>
    public NodeSettings Plan(string name, string? seed) => new(
        name,
        _clusterName,
        name switch
        {
            "alpha" => [Web],
            "beta" => [Worker],
            _ => [Web, Worker],
        },
        _addresses.GetValueOrDefault(name, AnyPort),
        seed);

    /// <summary>Starts a process.</summary>
    /// <returns>The process, once its node runs.</returns>
    public async Task<NodeProcess> StartAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        NodeProcess node;
        lock (_gate)
        {
            // A tour that is interrupted may just be about to start the next process.
            ObjectDisposedException.ThrowIf(_disposed, this);
            node = NodeProcess.Start(settings);
            _running[settings.Name] = node;
        }

        var first = await node.WhenAsync<Snapshot>("its own start", _ => true, cancellationToken);
        _names[first.Local.Id] = settings.Name;
        _addresses[settings.Name] = first.Local.Address;
        return node;
    }

    /// <summary>Forgets a process that has ended.</summary>
    public ValueTask RemoveAsync(NodeProcess node)
    {
        _running.TryRemove(node.Name, out _);
        return node.DisposeAsync();
    }

    public string NameOf(string id) => _names.GetValueOrDefault(id, id);

    /// <summary>Text of the library with names in place of the identities, which it shortens.</summary>
    public string WithNames(string text) => _names.Aggregate(text, (result, pair) =>
        result.Replace(NodeId.Parse(pair.Key).Prefix, pair.Value, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await Task.WhenAll(_running.Values.Select(node => node.DisposeAsync().AsTask()));
        _running.Clear();
    }
}

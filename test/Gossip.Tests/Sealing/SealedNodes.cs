using System.Collections;
using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>Nodes on loopback with one key, which know each other.</summary>
internal sealed class SealedNodes : IAsyncDisposable, IReadOnlyList<GossipNode>
{
    private readonly string _key;
    private readonly List<GossipNode> _nodes = [];

    private readonly GossipProfile _profile;

    private SealedNodes(string key, GossipProfile profile) => (_key, _profile) = (key, profile);

    public int Count => _nodes.Count;

    public GossipNode this[int index] => _nodes[index];

    public static async Task<SealedNodes> StartAsync(int count, string key, LogLines? logs = null, GossipProfile profile = GossipProfile.Local)
    {
        var nodes = new SealedNodes(key, profile);
        for (var i = 0; i < count; i++)
        {
            await nodes.AddAsync(logs: logs);
        }

        return nodes;
    }

    public async Task<GossipNode> AddAsync(Action<GossipOptions>? change = null, LogLines? logs = null, string? seed = null, bool isTapped = false)
    {
        var options = LiveNodes.Options(options =>
        {
            options.Profile = _profile;
            options.EncryptionKeys.Add(_key);
            change?.Invoke(options);
        });
        if (_nodes.Count > 0)
        {
            options.Seeds.Add(seed ?? _nodes[0].Address());
        }

        var node = await GossipNode.StartAsync(options, logs, cancellationToken: TestContext.Current.CancellationToken);
        _nodes.Add(node);
        if (!isTapped)
        {
            await Awaiting.UntilAsync(() => _nodes.All(one => _nodes.All(other => one.View.Find(other.Id) is { State: MemberState.Alive })));
        }

        return node;
    }

    /// <summary>Ends a node as a crash would: nobody is told.</summary>
    public async Task KillAsync(int index)
    {
        await _nodes[index].Runtime.DisposeAsync();
        _nodes.RemoveAt(index);
    }

    public IEnumerator<GossipNode> GetEnumerator() => _nodes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _nodes.Clear();
    }
}

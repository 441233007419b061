using System.Collections.Immutable;
using System.Net;
using Gossip.Agreement;
using Gossip.Metadata;
using Gossip.Tests.Membership;

namespace Gossip.Tests.Tables;

/// <summary>System facts of members without a network: what one tells, all views have at once.</summary>
internal sealed class MemoryGossip
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<char, SortedDictionary<string, MetadataValue>> _facts = [];
    private readonly SortedDictionary<char, MetadataMap> _maps = [];
    private readonly List<Member> _members = [];
    private ulong _stamp;

    /// <summary>How often a fact was set or taken back.</summary>
    public int Sets { get; private set; }

    /// <summary>Asked before a fact is set; may throw or wait.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ISystemFacts Join(char name)
    {
        lock (_gate)
        {
            _facts.TryAdd(name, new(StringComparer.Ordinal));
            _maps.TryAdd(name, MetadataMap.Empty);
            _members.Add(new Member(this, name));
            Publish();
            return _members[^1];
        }
    }

    /// <summary>What a member tells.</summary>
    public MetadataMap FactsOf(char name)
    {
        lock (_gate)
        {
            return _maps[name];
        }
    }

    /// <summary>A member is forgotten, and what it told with it.</summary>
    public void Forget(char name)
    {
        lock (_gate)
        {
            _facts.Remove(name);
            _maps.Remove(name);
            Publish();
        }
    }

    public void Tell(char name, string key, MetadataValue? value)
    {
        lock (_gate)
        {
            if (value is { } present)
            {
                _facts[name][key] = present;
            }
            else
            {
                _facts[name].Remove(key);
            }

            Sets++;
            _maps[name] = _maps[name].With(_facts[name].Select(fact => Fact.Create(FactKind.System, fact.Key, fact.Value, ++_stamp)));
            Publish();
        }
    }

    private void Publish() => _members.ForEach(member => member.Publish());

    private ClusterMember Of(char name, bool isLocal) => new()
    {
        Instance = TestNodes.Instance(name),
        Address = new IPEndPoint(IPAddress.Loopback, TestNodes.Port),
        State = MemberState.Alive,
        Incarnation = 0,
        IsLocal = isLocal,
        SystemFacts = _maps.GetValueOrDefault(name, MetadataMap.Empty),
    };

    private sealed class Member(MemoryGossip gossip, char name) : ISystemFacts
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _version;

        public ClusterView View { get; private set; } = null!;

        public Task ChangeAfter(ClusterView seen)
        {
            lock (gossip._gate)
            {
                return ReferenceEquals(seen, View) ? _next.Task : Task.CompletedTask;
            }
        }

        public async Task SetAsync(string key, MetadataValue? value, CancellationToken cancellationToken)
        {
            await gossip.Before(key);
            gossip.Tell(name, key, value);
        }

        public void Publish()
        {
            ImmutableArray<ClusterMember> members = [.. gossip._maps.Keys.Select(other => gossip.Of(other, other == name))];
            View = new ClusterView(++_version, gossip.Of(name, isLocal: true), members);
            _next.TrySetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Gossip.Diagnostics;
using Gossip.Node;
using Microsoft.Extensions.Logging;

namespace Gossip;

/// <summary>A member of a group, with what the group's owner keeps for it.</summary>
/// <typeparam name="TData">What is kept.</typeparam>
/// <param name="Member">The member as it is known now.</param>
/// <param name="Data">What was made for it when it came.</param>
public sealed record GroupMember<TData>(ClusterMember Member, TData Data);

/// <summary>
/// The present members that fulfil a condition, with data of one's own for each, such as a connection or a counter. For each life of a member that belongs, the data is made exactly once when it comes, and taken back exactly once when
/// it goes: because it left, died or restarted, because it does not fulfil the condition any more, or because the group or its node ends. Made by <see cref="GossipNode.Group{TData}"/>; all members may be called from any thread.
/// </summary>
/// <typeparam name="TData">What is kept for each member.</typeparam>
public sealed class NodeGroup<TData> : IAsyncDisposable
{
    private readonly Predicate<ClusterMember> _belongs;
    private readonly Func<ClusterMember, TData> _added;
    private readonly Action<ClusterMember, TData>? _removed;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private ImmutableSortedDictionary<NodeId, GroupMember<TData>> _members = ImmutableSortedDictionary<NodeId, GroupMember<TData>>.Empty;

    internal NodeGroup(ViewFeed views, Predicate<ClusterMember> belongs, Func<ClusterMember, TData> added, Action<ClusterMember, TData>? removed, ILogger logger)
    {
        (_belongs, _added, _removed, _logger) = (belongs, added, removed, logger);
        Follow(views.Current); // so that whoever made the group finds in it who is there
        _watching = Task.Run(() => WatchAsync(views));
    }

    /// <summary>Those who belong now, in the order of their identities.</summary>
    public IEnumerable<GroupMember<TData>> Members => Volatile.Read(ref _members).Values;

    /// <summary>How many belong now.</summary>
    public int Count => Volatile.Read(ref _members).Count;

    /// <summary>Finds one who belongs now.</summary>
    /// <param name="id">Its identity.</param>
    /// <param name="member">The member and its data; null when it does not belong.</param>
    /// <returns>Whether it belongs.</returns>
    public bool TryFind(NodeId id, [NotNullWhen(true)] out GroupMember<TData>? member) => Volatile.Read(ref _members).TryGetValue(id, out member);

    /// <summary>Ends the group: takes back what is kept for those who belong still.</summary>
    /// <returns>A task that ends when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
    }

    private async Task WatchAsync(ViewFeed views)
    {
        try
        {
            await foreach (var view in views.ReadAsync(_stop.Token).ConfigureAwait(false))
            {
                Follow(view);
            }
        }
        catch (OperationCanceledException)
        {
            // The group ends.
        }

        foreach (var (_, left) in _members)
        {
            Remove(left);
        }
    }

    private void Follow(ClusterView view)
    {
        foreach (var (id, known) in _members)
        {
            if (view.Find(id) is not { IsPresent: true } member || member.Instance != known.Member.Instance || !Belongs(member))
            {
                Remove(known);
            }
            else if (!ReferenceEquals(member, known.Member))
            {
                Volatile.Write(ref _members, _members.SetItem(id, known with { Member = member }));
            }
        }

        foreach (var member in view.Members)
        {
            if (member.IsPresent && !_members.ContainsKey(member.Id) && Belongs(member))
            {
                Add(member);
            }
        }
    }

    // What follows calls the user's code: when it throws, the group and the node go on.

    private bool Belongs(ClusterMember member)
    {
        try
        {
            return _belongs(member);
        }
        catch (Exception e)
        {
            GossipLog.GroupFunctionFailed(_logger, member.Instance, e);
            return false;
        }
    }

    private void Add(ClusterMember member)
    {
        try
        {
            Volatile.Write(ref _members, _members.Add(member.Id, new GroupMember<TData>(member, _added(member))));
        }
        catch (Exception e)
        {
            GossipLog.GroupFunctionFailed(_logger, member.Instance, e);
        }
    }

    private void Remove(GroupMember<TData> member)
    {
        Volatile.Write(ref _members, _members.Remove(member.Member.Id));
        try
        {
            _removed?.Invoke(member.Member, member.Data);
        }
        catch (Exception e)
        {
            GossipLog.GroupFunctionFailed(_logger, member.Member.Instance, e);
        }
    }
}

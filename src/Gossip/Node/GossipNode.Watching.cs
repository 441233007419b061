using System.Runtime.CompilerServices;

namespace Gossip;

/// <content>What the node tells its users as it happens.</content>
public sealed partial class GossipNode
{
    /// <summary>
    /// The members that are known now, as added, and then every change, until the node stops. A slow reader sees several
    /// changes of one member as one, from the state that it saw last to the latest. A newcomer's tags and metadata may come a
    /// moment after it, as an update.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public IAsyncEnumerable<ClusterChange> WatchAsync(CancellationToken cancellationToken = default) =>
        Runtime.Views.ReadChangesAsync(cancellationToken);

    /// <summary>The present values of one metadata key of all members, and then every change of it.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public async IAsyncEnumerable<MetadataChange> WatchMetadataAsync(string key, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        await foreach (var change in WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            var before = Value(change.Previous);
            var after = Value(change.Current);
            if (before != after)
            {
                yield return new MetadataChange(change.Member, key, before, after);
            }
        }

        MetadataValue? Value(ClusterMember? member) =>
            member is not null && member.Metadata.TryGetValue(key, out MetadataValue value) ? value : default(MetadataValue?);
    }

    /// <summary>A periodic tick with the latest view, for work that is done now and then, until the node stops.</summary>
    /// <param name="period">The time between ticks; more than zero. A reader that is late misses ticks, and gets no burst.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The view at each tick.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public async IAsyncEnumerable<ClusterView> TicksAsync(TimeSpan period, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(period, _time);
        var runtime = Runtime;
        using var stop = runtime.Stopped.UnsafeRegister(static timer => ((PeriodicTimer)timer!).Dispose(), timer);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return runtime.Views.Current;
        }
    }
}

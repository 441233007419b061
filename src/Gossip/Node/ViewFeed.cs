using System.Runtime.CompilerServices;

namespace Gossip.Node;

/// <summary>
/// The latest view, and a way to wait for the next. A reader compares the view it last saw with the latest one, so a slow
/// reader costs no memory and still ends with the truth; what it misses are states that were gone again before it looked.
/// </summary>
internal sealed class ViewFeed(ClusterView initial)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterView _current = initial;
    private bool _completed;

    public ClusterView Current => Volatile.Read(ref _current);

    public void Publish(ClusterView view)
    {
        TaskCompletionSource waiters;
        lock (_gate)
        {
            Volatile.Write(ref _current, view);
            waiters = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiters.TrySetResult();
    }

    /// <summary>Ends when there is another view than the one that was seen.</summary>
    public Task ChangeAfter(ClusterView seen)
    {
        lock (_gate)
        {
            return _current == seen ? _next.Task : Task.CompletedTask;
        }
    }

    /// <summary>Ends all enumerations after the last view.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _next.TrySetResult();
        }
    }

    /// <summary>Every view from now on that the reader is fast enough to see, the current one first.</summary>
    public async IAsyncEnumerable<ClusterView> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClusterView? seen = null;
        while (true)
        {
            Task next;
            ClusterView current;
            bool completed;
            lock (_gate)
            {
                next = _next.Task;
                current = _current;
                completed = _completed;
            }

            if (current != seen)
            {
                seen = current;
                yield return current;
                continue;
            }

            if (completed)
            {
                yield break;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The changes between the views of <see cref="ReadAsync"/>; the members of the first view come as added.</summary>
    public async IAsyncEnumerable<ClusterChange> ReadChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClusterView? before = null;
        await foreach (var view in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var change in Compare(before, view))
            {
                yield return change;
            }

            before = view;
        }
    }

    /// <summary>Walks two views in step, as both are in the order of identities.</summary>
    internal static IEnumerable<ClusterChange> Compare(ClusterView? before, ClusterView after)
    {
        int i = 0, j = 0;
        var olds = before?.Members ?? [];
        while (i < olds.Length || j < after.Members.Length)
        {
            var order = i == olds.Length ? 1 : j == after.Members.Length ? -1 : olds[i].Id.CompareTo(after.Members[j].Id);
            if (order < 0)
            {
                yield return new ClusterChange(ClusterChangeKind.Removed, olds[i++], null, after);
            }
            else if (order > 0)
            {
                yield return new ClusterChange(ClusterChangeKind.Added, null, after.Members[j++], after);
            }
            else
            {
                var (old, now) = (olds[i++], after.Members[j++]);
                if (!ReferenceEquals(old, now) && Classify(old, now) is { } kind)
                {
                    yield return new ClusterChange(kind, old, now, after);
                }
            }
        }
    }

    private static ClusterChangeKind? Classify(ClusterMember old, ClusterMember now) =>
        old.Instance != now.Instance ? ClusterChangeKind.Restarted
        : old.State != now.State ? ClusterChangeKind.StateChanged
        : !ReferenceEquals(old.Tags, now.Tags) || !ReferenceEquals(old.Metadata, now.Metadata) ? ClusterChangeKind.Updated
        : null; // only an incarnation or an address changed
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gossip.Messaging;

/// <summary>
/// Tells the others of this node's interests: to those who are alive directly, until each has said that it knows them, and to whomever else by gossip, from where they can be fetched (<see cref="InterestFollower"/>).
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore has no handle: there is nothing to release, and late calls may still look at it.")]
internal sealed class InterestAnnouncer(IMessagingHost host, MessageSender sender, LocalSubscriptions local, CancellationToken stopped)
{
    private static readonly RequestOptions Options = new() { Timeout = TimeSpan.FromSeconds(1) };

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeInstance, ulong> _acknowledged = [];
    private readonly HashSet<NodeInstance> _telling = [];
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private TaskCompletionSource _progress = NewProgress();
    private NodeInstance _self;
    private ulong _published;
    private ulong _awaited;
    private int _waiting;

    /// <summary>Waits until all other members that are alive know a version of the interests, or a later one.</summary>
    /// <returns>Those of them who did not say so in time.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="GossipStoppedException">The node stops.</exception>
    public async Task<ImmutableArray<NodeInstance>> AnnounceAsync(ulong version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, host.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken, stopped);
        lock (_gate)
        {
            _waiting++;
            _awaited = Math.Max(_awaited, version);
        }

        try
        {
            while (true)
            {
                var (missing, progress) = Look(version);
                if (missing.IsEmpty || timer.IsCancellationRequested)
                {
                    return missing;
                }

                try
                {
                    await progress.WaitAsync(end.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    if (stopped.IsCancellationRequested)
                    {
                        throw new GossipStoppedException();
                    }
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
            }
        }
    }

    /// <summary>Tells everybody the latest version by gossip.</summary>
    /// <exception cref="MetadataLimitException">The node's metadata leave no room for it.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        await _publishing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var version = local.Version;
            if (version > _published)
            {
                await host.TellAsync(InterestFollower.FactKey, version, cancellationToken).ConfigureAwait(false);
                _published = version;
            }
        }
        finally
        {
            _publishing.Release();
        }
    }

    /// <summary>Members may have come or gone.</summary>
    public void OnViewChanged()
    {
        lock (_gate)
        {
            if (_waiting > 0)
            {
                Progress();
            }
        }
    }

    private static TaskCompletionSource NewProgress() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Progress()
    {
        _progress.TrySetResult();
        _progress = NewProgress();
    }

    /// <summary>Who does not know a version, and what ends when that may have changed. They are being told from then on.</summary>
    private (ImmutableArray<NodeInstance> Missing, Task Progress) Look(ulong version)
    {
        var missing = ImmutableArray.CreateBuilder<NodeInstance>();
        List<NodeInstance> begin = [];
        Task progress;
        lock (_gate)
        {
            var view = host.View;
            if (view.Local.Instance != _self)
            {
                // What others know of a life of this node they do not know of the next.
                _self = view.Local.Instance;
                _acknowledged.Clear();
            }

            foreach (var gone in _acknowledged.Keys.Where(life => !IsAlive(view, life)).ToArray())
            {
                _acknowledged.Remove(gone);
            }

            foreach (var member in view.Members)
            {
                if (member is { IsLocal: false, State: MemberState.Alive } && _acknowledged.GetValueOrDefault(member.Instance) < version)
                {
                    missing.Add(member.Instance);
                    if (_telling.Add(member.Instance))
                    {
                        begin.Add(member.Instance);
                    }
                }
            }

            progress = _progress.Task;
        }

        foreach (var life in begin)
        {
            _ = TellAsync(life);
        }

        return (missing.DrainToImmutable(), progress);
    }

    private async Task TellAsync(NodeInstance life)
    {
        try
        {
            for (var attempt = 1; !IsDone(life); attempt++)
            {
                if (attempt > 1)
                {
                    await Task.Delay(RetrySchedule.AfterFailure(attempt - 1), host.TimeProvider, stopped).ConfigureAwait(false);
                }

                var self = host.View.Local.Instance;
                var payload = MessagePayload.FromBytes(local.Encoded);
                var (target, answer) = await sender.RequestAsync(life.Id, TopicMessage.Interests, payload, Options, stopped).ConfigureAwait(false);
                if (target == life && answer.Outcome == SendOutcome.Handled && InterestFormat.TryRead(answer.Reply.Encoded.Span, out var version, out _))
                {
                    Acknowledge(life, self, version);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception e)
        {
            host.Logger.FollowingFailed(e);
            lock (_gate)
            {
                _telling.Remove(life);
            }
        }
    }

    private void Acknowledge(NodeInstance by, NodeInstance self, ulong version)
    {
        lock (_gate)
        {
            if (self == _self && version > _acknowledged.GetValueOrDefault(by))
            {
                _acknowledged[by] = version;
                Progress();
            }
        }
    }

    /// <summary>Whether nobody waits for this member any more; then the next who does has it told again.</summary>
    private bool IsDone(NodeInstance life)
    {
        lock (_gate)
        {
            if (_waiting > 0 && IsAlive(host.View, life) && _acknowledged.GetValueOrDefault(life) < _awaited)
            {
                return false;
            }

            _telling.Remove(life);
            return true;
        }
    }

    private static bool IsAlive(ClusterView view, NodeInstance life) =>
        view.Find(life.Id) is { State: MemberState.Alive } member && member.Instance == life;
}

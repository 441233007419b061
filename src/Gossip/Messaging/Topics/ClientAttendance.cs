using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>
/// How a client, of whom no member knows, subscribes: it gives its interests to one member, its attendant, which subscribes for it and forwards, and renews them there. When that member is lost it turns to another.
/// </summary>
internal sealed class ClientAttendance(IMessagingHost host, MessageSender sender, LocalSubscriptions local, CancellationToken stopped)
{
    private static readonly TimeSpan RenewPeriod = ClientProxies.Lease / 5;
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly RequestOptions Options = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Lock _gate = new();
    private readonly HashSet<NodeId> _failed = [];
    private TaskCompletionSource _changed = NewChange();
    private NodeInstance _attendant;
    private ulong _acknowledged;
    private bool _isRunning;

    /// <summary>Waits until the attendant, and all members that it sees alive, know a version of the interests.</summary>
    /// <returns>Nobody, or the attendant when it did not say so in time; with generation 0 when there was none.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="GossipStoppedException">The node stops.</exception>
    public async Task<ImmutableArray<NodeInstance>> AnnounceAsync(ulong version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, host.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken, stopped);
        Begin();
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_acknowledged >= version)
                {
                    return [];
                }

                if (timer.IsCancellationRequested)
                {
                    return [_attendant];
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(end.Token).ConfigureAwait(false);
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

    /// <summary>Whether a member is the one that forwards to this client. Another one was, before this client turned away from it.</summary>
    public bool IsAttendant(NodeInstance member)
    {
        lock (_gate)
        {
            return member == _attendant;
        }
    }

    /// <summary>The attendant may be gone.</summary>
    public void OnViewChanged()
    {
        lock (_gate)
        {
            if (_isRunning && !IsPresent(_attendant))
            {
                Change();
            }
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin()
    {
        lock (_gate)
        {
            Change();
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        _ = Task.Run(RunAsync, CancellationToken.None);
    }

    private void Change()
    {
        _changed.TrySetResult();
        _changed = NewChange();
    }

    private async Task RunAsync()
    {
        try
        {
            while (TryTurn(out var attendant, out var changed))
            {
                var pause = attendant is { } member && await TellAsync(member).ConfigureAwait(false) ? RenewPeriod : PollPeriod;
                var delay = Task.Delay(pause, host.TimeProvider, stopped);
                await (await Task.WhenAny(changed, delay).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception e)
        {
            host.Logger.FollowingFailed(e);
        }
    }

    /// <summary>Chooses the attendant, if there has to be one; false when there is nothing left to tell.</summary>
    private bool TryTurn(out NodeInstance? attendant, out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            attendant = null;
            if (local.Count == 0 && _acknowledged >= local.Version)
            {
                _isRunning = false;
                return false;
            }

            if (_failed.Contains(_attendant.Id) || !IsPresent(_attendant))
            {
                _acknowledged = 0;
                _attendant = Choose();
            }

            attendant = _attendant == default ? null : _attendant;
            return true;
        }
    }

    private NodeInstance Choose()
    {
        var able = host.View.Members.Where(member => member is { IsLocal: false, State: MemberState.Alive } && !_failed.Contains(member.Id)).ToArray();
        if (able.Length == 0)
        {
            _failed.Clear(); // they are all tried once more
            return default;
        }

        return able[(uint)host.Self.Id.GetHashCode() % (uint)able.Length].Instance; // so that clients do not all turn to the same one
    }

    /// <summary>Tells the attendant the interests; true when all members know them.</summary>
    private async Task<bool> TellAsync(NodeInstance attendant)
    {
        var version = local.Version;
        var payload = MessagePayload.FromBytes(local.Encoded);
        var (target, answer) = await sender.RequestAsync(attendant.Id, TopicMessage.ClientInterests, payload, Options, stopped).ConfigureAwait(false);
        lock (_gate)
        {
            if (target != attendant || answer.Outcome != SendOutcome.Handled || !InterestFormat.TryRead(answer.Reply.Encoded.Span, out var announced, out _))
            {
                _failed.Add(attendant.Id);
                host.Logger.AttendantLost(attendant, answer.Outcome, answer.Error);
                return false;
            }

            _failed.Clear();
            if (announced > _acknowledged)
            {
                _acknowledged = announced;
                Change();
            }

            return announced >= version;
        }
    }

    private bool IsPresent(NodeInstance member) => host.View.Find(member.Id) is { State: MemberState.Alive or MemberState.Suspect } known && known.Instance == member;
}

using System.Diagnostics.CodeAnalysis;

namespace Gossip.Messaging;

/// <summary>
/// Keeps what this node knows of the interests of the others. Each node tells by gossip which version its interests have; whoever knows less of it asks it for all of them. So whatever was lost, and wherever a partition was, all know them in the end.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore has no handle: there is nothing to release, and late calls may still look at it.")]
internal sealed class InterestFollower(IMessagingHost host, MessageSender sender, CancellationToken stopped)
{
    /// <summary>The system fact by which a node tells the version of its interests.</summary>
    public const string FactKey = "topics";

    /// <summary>How many members are asked at once, so that a newcomer among many is not buried.</summary>
    private const int Concurrency = 16;

    private static readonly RequestOptions Options = new() { Timeout = TimeSpan.FromSeconds(1) };

    private readonly Lock _gate = new();
    private readonly KnownInterests _known = new();
    private readonly HashSet<NodeInstance> _fetching = [];
    private readonly SemaphoreSlim _slots = new(Concurrency, Concurrency);
    private bool _isLooking;
    private bool _hasChanged;

    /// <summary>How many members there is something known of.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    public void Match(string topic, List<Subscriber> found)
    {
        lock (_gate)
        {
            _known.Match(topic, found);
        }
    }

    public int NextTurn(string group)
    {
        lock (_gate)
        {
            return _known.NextTurn(group);
        }
    }

    /// <summary>A member tells its interests, and is told which version of them is known then.</summary>
    public MessagePayload OnInterests(MessageContext context)
    {
        if (!InterestFormat.TryRead(context.Payload.Encoded.Span, out var version, out var interests))
        {
            host.Logger.MalformedInterests(context.Sender);
            throw new AnswerException(Answer.Refused("malformed interests"));
        }

        lock (_gate)
        {
            if (!IsMember(context.Sender))
            {
                throw new AnswerException(Answer.Refused("the sender is not known as a member here"));
            }

            _known.Apply(context.Sender, version, interests);
            return MessagePayload.FromBytes(InterestFormat.EncodeVersion(_known.VersionOf(context.Sender)));
        }
    }

    /// <summary>There is another view. Looking at it is not the business of the thread that made it.</summary>
    public void OnViewChanged()
    {
        lock (_gate)
        {
            _hasChanged = true;
            if (_isLooking || stopped.IsCancellationRequested)
            {
                return;
            }

            _isLooking = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static follower => follower.Look(), this, preferLocal: false);
    }

    private void Look()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (!_hasChanged)
                    {
                        _isLooking = false;
                        return;
                    }

                    _hasChanged = false;
                }

                LookAt(host.View);
            }
        }
        catch (Exception e)
        {
            host.Logger.FollowingFailed(e);
        }
    }

    private void LookAt(ClusterView view)
    {
        List<NodeInstance> wanted = [];
        lock (_gate)
        {
            _known.Keep(IsMember);
            foreach (var member in view.Members)
            {
                if (IsBehind(member) && _fetching.Add(member.Instance))
                {
                    wanted.Add(member.Instance);
                }
            }
        }

        foreach (var life in wanted)
        {
            _ = FetchAsync(life);
        }
    }

    private async Task FetchAsync(NodeInstance life)
    {
        try
        {
            for (var attempt = 1; !IsDone(life); attempt++)
            {
                if (attempt > 1)
                {
                    await Task.Delay(RetrySchedule.AfterFailure(attempt - 1), host.TimeProvider, stopped).ConfigureAwait(false);
                }

                var answer = await AskAsync(life).ConfigureAwait(false);
                if (!TryTake(life, answer))
                {
                    host.Logger.FetchFailed(life, answer.Outcome, answer.Error);
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
                _fetching.Remove(life);
            }
        }
    }

    private async Task<Answer> AskAsync(NodeInstance life)
    {
        await _slots.WaitAsync(stopped).ConfigureAwait(false);
        try
        {
            var (target, answer) = await sender.RequestAsync(life.Id, TopicMessage.InterestsWanted, MessagePayload.Empty, Options, stopped).ConfigureAwait(false);
            return target == life ? answer : new Answer(SendOutcome.Left);
        }
        finally
        {
            _slots.Release();
        }
    }

    private bool TryTake(NodeInstance life, in Answer answer)
    {
        if (answer.Outcome != SendOutcome.Handled || !InterestFormat.TryRead(answer.Reply.Encoded.Span, out var version, out var interests))
        {
            return false;
        }

        lock (_gate)
        {
            if (IsMember(life))
            {
                _known.Apply(life, version, interests);
            }
        }

        return true;
    }

    /// <summary>Whether nothing has to be fetched any more; then the next who sees that something has to fetches it.</summary>
    private bool IsDone(NodeInstance life)
    {
        lock (_gate)
        {
            if (host.View.Find(life.Id) is { } member && member.Instance == life && IsBehind(member))
            {
                return false;
            }

            _fetching.Remove(life);
            return true;
        }
    }

    private bool IsBehind(ClusterMember member) =>
        !member.IsLocal
        && member.State is MemberState.Alive or MemberState.Suspect
        && member.SystemFacts.TryGetValue(FactKey, out MetadataValue told)
        && told.TryGet(out ulong version)
        && version > _known.VersionOf(member.Instance);

    private bool IsMember(NodeInstance life) => host.View.Find(life.Id) is { IsPresent: true, IsLocal: false } member && member.Instance == life;
}

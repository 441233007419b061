using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>Publishes: finds who subscribes, encodes once for all of them, sends, and has queue groups go on to their next node while that is safe and there is time.</summary>
internal sealed class TopicPublisher(
    IMessagingHost host, MessageSender sender, LocalSubscriptions local, LocalPublications localPublications, InterestFollower follower, MessageTypeRegistry types, TopicCounters counters)
{
    private long _lastLocal;

    public async ValueTask<PublishResult> PublishAsync(string topic, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        MessageLimits.Check(payload, options.Headers, options.Timeout);
        cancellationToken.ThrowIfCancellationRequested();
        var progress = new PublicationProgress(Plan(topic));
        var started = host.TimeProvider.GetTimestamp();
        counters.CountPublished();
        while (progress.Next() is { Count: > 0 } errands)
        {
            var left = options.Timeout - host.TimeProvider.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            var publication = new Publication(topic, type, payload, GroupsOnly: false, []);
            var running = Send(publication, errands, options with { Timeout = left }, cancellationToken);
            foreach (var (errand, answers) in errands.Zip(await Task.WhenAll(running).ConfigureAwait(false)))
            {
                foreach (var (target, outcome, error) in answers)
                {
                    progress.Report(errand, target, outcome, error);
                }
            }
        }

        counters.CountFailovers(progress.Failovers);
        return progress.Result;
    }

    private PublicationPlan Plan(string topic)
    {
        var view = host.View;
        List<Subscriber> found = [];
        local.Match(topic, view.Local.Instance, found);
        follower.Match(topic, found);
        var start = view.Local.Id.GetHashCode(); // so that nodes that publish little do not all begin with the same subscriber
        return PublicationPlan.For(found, StateOf, group => unchecked(start + follower.NextTurn(group)));

        MemberState StateOf(NodeInstance life) =>
            view.Find(life.Id) is not { } member || member.Instance != life ? MemberState.Left
            : member is { IsLocal: true, State: MemberState.Joining } ? MemberState.Alive
            : member.State;
    }

    private List<Task<ImmutableArray<TargetResult>>> Send(Publication publication, IReadOnlyList<Errand> errands, SendOptions options, CancellationToken cancellationToken)
    {
        List<Task<ImmutableArray<TargetResult>>> running = [];
        (Errand Errand, MessagePayload Payload)? last = null;
        List<(Errand Errand, Publication Publication, MessagePayload? Payload)> prepared = [];
        foreach (var errand in errands)
        {
            // All encodings are made, and found to be small enough, before anything is sent.
            var said = publication with { GroupsOnly = errand.GroupsOnly, Duties = errand.Duties };
            MessagePayload? payload = null;
            if (errand.Nodes.Any(node => node != host.Self))
            {
                payload = last is { } before && before.Errand.Duties == errand.Duties && before.Errand.GroupsOnly == errand.GroupsOnly ? before.Payload : MessagePayload.FromBytes(said.Encode());
                MessageLimits.CheckPayload(payload.Value);
                last = (errand, payload.Value);
            }

            prepared.Add((errand, said, payload));
        }

        foreach (var (errand, said, payload) in prepared)
        {
            running.Add(SendAsync(errand, said, payload, options with { EndsEarly = errand.HasAlternatives }, cancellationToken));
        }

        return running;
    }

    private async Task<ImmutableArray<TargetResult>> SendAsync(
        Errand errand, Publication publication, MessagePayload? payload, SendOptions options, CancellationToken cancellationToken)
    {
        var self = host.Self;
        var here = errand.Nodes.Contains(self) ? DeliverHereAsync(publication, self, options, cancellationToken) : null;
        var results = ImmutableArray.CreateBuilder<TargetResult>(errand.Nodes.Length);
        if (payload is { } bytes)
        {
            var others = errand.Nodes.Where(node => node != self).ToArray();
            var sent = await sender.SendAsync(Target.Nodes(others.Select(static node => node.Id)), TopicMessage.Publication, bytes, options, cancellationToken).ConfigureAwait(false);
            var byId = sent.Targets.ToDictionary(static result => result.Target.Id);
            results.AddRange(others.Select(node => byId[node.Id] with { Target = node }));
        }

        if (here is not null)
        {
            var answer = await here.ConfigureAwait(false);
            results.Add(new TargetResult(self, answer.Outcome, answer.Error));
        }

        return results.DrainToImmutable();
    }

    private Task<Answer> DeliverHereAsync(Publication publication, NodeInstance self, SendOptions options, CancellationToken cancellationToken)
    {
        var message = new MessageContext(types)
        {
            Sender = self,
            Type = TopicMessage.Publication,
            Verb = MessageVerb.Message,
            Id = (ulong)Interlocked.Increment(ref _lastLocal),
            Created = host.TimeProvider.GetUtcNow(),
            Delivery = options.Delivery,
            Headers = options.Headers ?? MessageLimits.EmptyHeaders,
            Payload = publication.Payload,
        };
        return localPublications.DeliverAsync(publication with { Duties = [.. publication.Duties.Where(duty => duty.Node == self.Id)] }, message, options.Timeout, cancellationToken);
    }
}

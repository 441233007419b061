using Gossip.Node;

namespace Gossip.Messaging;

/// <summary>Hands one publication to the subscriptions of this node, each apart from the others, and sums up what became of it.</summary>
internal sealed class TopicDelivery(
    IMessagingHost host, LocalSubscriptions local, MessageTypeRegistry types, InboundPipeline pipeline, MessagingCounters messages, TopicCounters counters, Func<NodeInstance, bool> isHeeded)
{
    /// <summary>A publication of another node arrived.</summary>
    public async ValueTask<MessagePayload> OnMessageAsync(MessageContext message, CancellationToken cancellationToken)
    {
        if (message.Payload.Kind != PayloadKind.Bytes || !Publication.TryRead(message.Payload.Encoded, host.Self.Id, out var publication))
        {
            throw new AnswerException(Answer.Refused("malformed publication"));
        }

        if (!types.IsKnown((int)publication.Payload.Kind))
        {
            throw new AnswerException(Answer.Refused(Refusal.UnknownCodec((int)publication.Payload.Kind)));
        }

        if (!isHeeded(message.Sender))
        {
            throw new AnswerException(new Answer(SendOutcome.NoHandler, "this client has turned to another member"));
        }

        var answer = await DeliverAsync(publication, message, cancellationToken).ConfigureAwait(false);
        return answer.Outcome == SendOutcome.Handled ? default : throw new AnswerException(answer);
    }

    /// <summary>Delivers, and does not throw.</summary>
    /// <param name="publication">The publication; its duties are this node's.</param>
    /// <param name="message">How it came.</param>
    /// <param name="cancellationToken">For the handlers.</param>
    /// <returns>Handled when all handled it; refused, or no handler, when nobody had a part of it; else failed.</returns>
    public async ValueTask<Answer> DeliverAsync(Publication publication, MessageContext message, CancellationToken cancellationToken)
    {
        if (local.Choose(publication, out var chosen, out var full) is { } obstacle)
        {
            return obstacle;
        }

        if (chosen.Count == 0)
        {
            return full > 0 ? Answer.Refused(TopicInbox.Full) : new Answer(SendOutcome.NoHandler, $"nobody here subscribes to '{publication.Topic}'");
        }

        var context = new MessageContext(types)
        {
            Sender = publication.Origin == default ? message.Sender : publication.Origin,
            Type = publication.Type,
            Verb = MessageVerb.Message,
            Id = message.Id,
            Created = message.Created,
            Delivery = message.Delivery,
            Headers = message.Headers,
            Payload = publication.Payload,
            Topic = publication.Topic,
        };
        if (chosen.Count == 1 && full == 0)
        {
            return await HandleAsync(chosen[0], context, cancellationToken).ConfigureAwait(false);
        }

        // One that blocks its thread must not hold up the others.
        var answers = await Task.WhenAll(chosen.Select(subscription => Task.Run(() => HandleAsync(subscription, context, cancellationToken).AsTask(), CancellationToken.None))).ConfigureAwait(false);
        return Sum(answers, full);
    }

    private static Answer Sum(Answer[] answers, int full)
    {
        var handled = answers.Count(static answer => answer.Outcome == SendOutcome.Handled);
        if (handled == answers.Length && full == 0)
        {
            return answers[0];
        }

        if (Array.TrueForAll(answers, static answer => answer.Outcome == SendOutcome.NoHandler))
        {
            return full == 0 ? answers[0] : Answer.Refused(TopicInbox.Full);
        }

        var why = Array.Find(answers, static answer => answer.Outcome != SendOutcome.Handled).Error ?? TopicInbox.Full;
        return new Answer(SendOutcome.Failed, MessageLimits.Cut($"{answers.Length - handled + full} of {answers.Length + full} subscriptions: {why}", MessageLimits.MaxErrorBytes));
    }

    private async ValueTask<Answer> HandleAsync(TopicSubscription subscription, MessageContext context, CancellationToken cancellationToken)
    {
        var isPlaceLeft = true;
        try
        {
            await host.Hooks.RunAsync(host.TimeProvider, context, () => pipeline.RunAsync(TakePlace, context, cancellationToken)).ConfigureAwait(false);
            counters.CountDelivered();
            return new Answer(SendOutcome.Handled);
        }
        catch (AnswerException e)
        {
            return e.Answer;
        }
        catch (Exception e)
        {
            if (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                messages.CountHandlerError();
                host.Logger.SubscriptionFailed(subscription.Interest.Pattern, context.Topic!, context.Sender, e);
            }

            return Answer.Failed(e);
        }
        finally
        {
            if (isPlaceLeft)
            {
                subscription.Consumer.Release(context.Size); // middleware let nothing through
            }
        }

        // Middleware may run what comes after it several times; one place was kept.
        ValueTask<MessagePayload> TakePlace(MessageContext message, CancellationToken token)
        {
            if (!isPlaceLeft && !subscription.Consumer.TryReserve(message.Size))
            {
                throw new AnswerException(Answer.Refused(TopicInbox.Full));
            }

            isPlaceLeft = false;
            return subscription.Consumer.HandleAsync(message, token);
        }
    }
}

using System.Diagnostics.Metrics;
using Gossip.Messaging;
using Microsoft.Extensions.Logging;

namespace Gossip;

/// <summary>Middleware that comes with the library.</summary>
public static class MiddlewareExtensions
{
    /// <summary>
    /// Lets messages and requests of one type through only when a rule allows it; the sender of any other is told <see cref="SendOutcome.Failed"/>, or by a <see cref="RemoteHandlerException"/>, with an <see cref="UnauthorizedAccessException"/>.
    /// Where packets are sealed the sender is authenticated as one who has the cluster's key, not by its identity: with that key it may call itself what it likes.
    /// </summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="type">The message type number.</param>
    /// <param name="isAllowed">The rule; it has the message, and the sender as this node knows it, which is null for a client.</param>
    /// <returns>Takes the rule back when disposed.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    public static IDisposable Authorize(this GossipMessaging messages, int type, Func<MessageContext, ClusterMember?, bool> isAllowed)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(isAllowed);
        MessageTypeNumber.Checked(type);
        return messages.Use((context, next, cancellationToken) =>
            context.Type != type || isAllowed(context, messages.Find(context.Sender))
                ? next(context, cancellationToken)
                : throw new UnauthorizedAccessException($"Messages of type {type} are not allowed from {context.Sender}."));
    }

    /// <summary>As <see cref="Authorize(GossipMessaging, int, Func{MessageContext, ClusterMember?, bool})"/>: allows it to members that carry a tag, and to no client.</summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="type">The message type number.</param>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>Takes the rule back when disposed.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    public static IDisposable RequireSenderTag(this GossipMessaging messages, int type, string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return messages.Authorize(type, (_, sender) => sender?.HasTag(tag) == true);
    }

    /// <summary>Logs each message and request when it has been handled: type, verb, number, sender, size, and how long it took; with the exception when it failed. The content is never logged.</summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="logger">The log.</param>
    /// <param name="level">The level of those that went well; the others are warnings. Default: <see cref="LogLevel.Debug"/>.</param>
    /// <returns>Ends the logging when disposed.</returns>
    public static IDisposable LogMessages(this GossipMessaging messages, ILogger logger, LogLevel level = LogLevel.Debug)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(logger);
        return messages.Use(async (context, next, cancellationToken) =>
        {
            var start = messages.Time.GetTimestamp();
            try
            {
                var reply = await next(context, cancellationToken).ConfigureAwait(false);
                if (logger.IsEnabled(level))
                {
                    logger.Handled(level, context.Verb, context.Type, context.Id, context.Sender, context.Size, messages.Time.GetElapsedTime(start).TotalMilliseconds);
                }

                return reply;
            }
            catch (Exception error)
            {
                logger.NotHandled(context.Verb, context.Type, context.Id, context.Sender, context.Size, messages.Time.GetElapsedTime(start).TotalMilliseconds, error);
                throw;
            }
        });
    }

    /// <summary>
    /// Measures how long handlers take: the histogram <c>gossip.handler.duration</c> in seconds, with the tags <c>gossip.message.type</c>, <c>gossip.verb</c>, and <c>error.type</c> where one threw.
    /// </summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="meter">The meter that the histogram is made in.</param>
    /// <returns>Ends the measuring when disposed.</returns>
    public static IDisposable MeasureHandlers(this GossipMessaging messages, Meter meter)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(meter);
        var durations = meter.CreateHistogram<double>("gossip.handler.duration", "s", "How long handlers took.");
        return messages.Use(async (context, next, cancellationToken) =>
        {
            var start = messages.Time.GetTimestamp();
            string? error = null;
            try
            {
                return await next(context, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                error = thrown.GetType().FullName;
                throw;
            }
            finally
            {
                var tags = new System.Diagnostics.TagList
                {
                    { "gossip.message.type", context.Type },
                    { "gossip.verb", context.Verb == MessageVerb.Request ? "request" : "message" },
                };
                if (error is not null)
                {
                    tags.Add("error.type", error);
                }

                durations.Record(messages.Time.GetElapsedTime(start).TotalSeconds, tags);
            }
        });
    }

    /// <summary>
    /// Fires the token of a handler that takes longer than a limit; the sender is told of a <see cref="TimeoutException"/> when the handler ends by that. A handler that does not look at its token runs on, and keeps its slot.
    /// </summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="limit">How long a handler may take, with the middleware behind this one: more than zero, at most one hour.</param>
    /// <returns>Takes the limit back when disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not more than zero, or more than one hour.</exception>
    public static IDisposable LimitTime(this GossipMessaging messages, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MessageLimits.MaxTimeout);
        return messages.Use(async (context, next, cancellationToken) =>
        {
            using var timer = new CancellationTokenSource(limit, messages.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                return await next(context, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException error) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"The handler of message type {context.Type} took longer than {limit}.", error);
            }
        });
    }
}

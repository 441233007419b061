using System.Collections.Immutable;
using Gossip.Messaging;

namespace Gossip;

/// <summary>
/// Publishes to topics and subscribes to them, over the whole cluster and without a broker: each member knows what the others subscribe to, and sends a publication straight to those whom it concerns.
/// Subscriptions live as long as their node: after lost connections, partitions and restarts of others they are known again by themselves. All members may be called from any thread.
/// </summary>
/// <example>
/// <code>
/// await using var orders = await node.Topics.SubscribeAsync("orders.*.created", (message, token) =&gt; Bill(message.Topic, message.ReadText()));
/// await other.Topics.PublishAsync("orders.eu.created", 130, MessagePayload.FromText("tea"));
/// </code>
/// </example>
public sealed class GossipTopics
{
    /// <summary>The most different subscriptions of one node; several to the same pattern and queue group count once: 1024. Together they have at most 64 KiB.</summary>
    public const int MaxSubscriptions = TopicLimits.MaxSubscriptions;

    private readonly IMessagingHost _host;
    private readonly MessageTypeRegistry _types;
    private readonly MessagingOptions _options;
    private readonly Action _throwIfStopping;
    private readonly LocalSubscriptions _local = new();
    private readonly InterestFollower _follower;
    private readonly InterestAnnouncer _announcer;
    private readonly ClientAttendance _attendance;
    private readonly LocalPublications _localPublications;
    private readonly TopicPublisher _publisher;
    private readonly CancellationToken _stopped;

    internal GossipTopics(GossipMessaging messages, TopicParts parts)
    {
        (_host, _types, _options, _throwIfStopping, _stopped) = (parts.Host, parts.Types, parts.Options, parts.ThrowIfStopping, parts.Stopped);
        _follower = new InterestFollower(_host, parts.Sender, _stopped);
        _announcer = new InterestAnnouncer(_host, parts.Sender, _local, _stopped);
        _attendance = new ClientAttendance(_host, parts.Sender, _local, _stopped);
        var proxies = new ClientProxies(_host, parts.Sender, _local, _announcer, _stopped);
        var delivery = new TopicDelivery(_host, _local, _types, parts.Pipeline, messages.Counters, Counters, sender => _host.IsHeard || _attendance.IsAttendant(sender));
        _localPublications = new LocalPublications(_host, delivery, _options, _stopped);
        _publisher = new TopicPublisher(_host, parts.Sender, _local, _localPublications, _follower, _types, Counters);
        messages.Add(TopicMessage.Interests, MessageVerb.Request, (context, _) => ValueTask.FromResult(_follower.OnInterests(context)));
        messages.Add(TopicMessage.InterestsWanted, MessageVerb.Request, (_, _) => ValueTask.FromResult(MessagePayload.FromBytes(_local.Encoded)));
        messages.Add(TopicMessage.ClientInterests, MessageVerb.Request, (context, _) => ValueTask.FromResult(proxies.OnInterests(context)));
        messages.Add(TopicMessage.Publication, MessageVerb.Message, delivery.OnMessageAsync);
    }

    internal TopicCounters Counters { get; } = new();

    /// <summary>Different subscriptions of this node.</summary>
    internal int Subscriptions => _local.Count;

    /// <summary>Members of whose subscriptions this node knows.</summary>
    internal int KnownMembers => _follower.Count;

    /// <summary>
    /// Subscribes to all topics that a pattern stands for. The task ends when every other member that is alive knows of it: from then on whatever any of them, and this node itself, publishes reaches the handler. Members that come later learn of it by themselves. For a client (<see cref="GossipOptions.Client"/>) one member subscribes and forwards; when that one is lost the client turns to another by itself, and misses what is published in between.
    /// </summary>
    /// <param name="pattern">The topics, such as <c>orders.eu.created</c>, <c>orders.*.created</c> or <c>orders.&gt;</c>; see <see cref="TopicPattern"/>.</param>
    /// <param name="handler">Runs for each publication, many at once; <see cref="MessageContext.Topic"/> tells its topic. Its token fires when the node stops. An exception is reported to the publisher as <see cref="SendOutcome.Failed"/>.</param>
    /// <param name="options">The queue group, and how long to wait. Default: no group, 5 seconds.</param>
    /// <param name="cancellationToken">Gives up; the subscription is withdrawn.</param>
    /// <returns>Ends the subscription when disposed: the handler gets nothing more at once, and the disposal ends when the members know, or did not answer in time.</returns>
    /// <exception cref="TopicException">It is no pattern; the message says what is wrong at which position.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="SubscriptionLimitException">The node has too many subscriptions.</exception>
    /// <exception cref="SubscribeException">Some members did not answer in time; the error names them, and the subscription was withdrawn.</exception>
    /// <exception cref="MetadataLimitException">The node's metadata leave no room to tell of subscriptions; the subscription was withdrawn.</exception>
    /// <exception cref="GossipStateException">The node takes no part in a cluster.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public async Task<IAsyncDisposable> SubscribeAsync(
        string pattern, Func<MessageContext, CancellationToken, ValueTask> handler, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return await AddAsync(pattern, new HandlingConsumer(handler), SubscribeOptions.Checked(options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Subscribes to publications of a registered type. One of another type is reported to its publisher as <see cref="SendOutcome.Failed"/>.</summary>
    /// <inheritdoc cref="SubscribeAsync(string, Func{MessageContext, CancellationToken, ValueTask}, SubscribeOptions?, CancellationToken)"/>
    /// <typeparam name="T">The type; registered with <see cref="MessageTypeRegistry"/>.</typeparam>
    /// <exception cref="MessageTypeException">The type is not registered.</exception>
    public Task<IAsyncDisposable> SubscribeAsync<T>(
        string pattern, Func<T, MessageContext, CancellationToken, ValueTask> handler, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var type = _types.NumberOf<T>();
        return SubscribeAsync(
            pattern,
            (context, token) => context.Type == type
                ? handler(context.Read<T>(), context, token)
                : throw new PayloadException($"The publication to '{context.Topic}' is of message type {context.Type}, and the subscription is for {typeof(T)}, which is {type}."),
            options,
            cancellationToken);
    }

    /// <summary>Subscribes with an inbox in the place of a handler. What has no room in it is refused, and its publisher is told.</summary>
    /// <inheritdoc cref="SubscribeAsync(string, Func{MessageContext, CancellationToken, ValueTask}, SubscribeOptions?, CancellationToken)" path="/exception"/>
    /// <param name="pattern">The topics; see <see cref="TopicPattern"/>.</param>
    /// <param name="options">The queue group, how long to wait, and how much the inbox holds. Default: no group, 5 seconds, 256 publications.</param>
    /// <param name="cancellationToken">Gives up; the subscription is withdrawn.</param>
    /// <returns>The inbox, once every other member that is alive knows of the subscription.</returns>
    public async Task<TopicInbox> OpenInboxAsync(string pattern, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = SubscribeOptions.Checked(options);
        var inbox = new TopicInbox(options.InboxCapacity, _options.HandlerBytes, _stopped);
        try
        {
            inbox.Attach(await AddAsync(pattern, inbox.Messages, options, cancellationToken).ConfigureAwait(false));
            return inbox;
        }
        catch
        {
            await inbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Publishes an object of a registered type to all who subscribe to a topic, this node included.</summary>
    /// <inheritdoc cref="PublishAsync(string, int, MessagePayload, SendOptions?, CancellationToken)"/>
    /// <typeparam name="T">The type; registered.</typeparam>
    /// <param name="topic">The topic, such as <c>orders.eu.created</c>; without wildcards.</param>
    /// <param name="message">The object.</param>
    /// <param name="options">How it is sent. Default: reliable, within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up: nothing is sent again. Subscribers that have it may still handle it.</param>
    /// <exception cref="PayloadException">The object cannot be encoded.</exception>
    public ValueTask<PublishResult> PublishAsync<T>(string topic, T message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (type, payload) = _types.Encode(message);
        return PublishAsync(topic, type, payload, options, cancellationToken);
    }

    /// <summary>
    /// Publishes a payload to all who subscribe to a topic, this node included. A node gets it once, however many of its subscriptions match, and each of those is handed it. Of each queue group one subscription gets it: those of the group take turns, and
    /// suspected members come last. When the one whose turn it is definitely had no part of a publication, for it could not be reached or refused, the next is tried; when it may have handled it, none is.
    /// </summary>
    /// <param name="topic">The topic, such as <c>orders.eu.created</c>; without wildcards.</param>
    /// <param name="type">The message type number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="payload">The content.</param>
    /// <param name="options">How it is sent. Default: reliable, within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up: nothing is sent again. Subscribers that have it may still handle it.</param>
    /// <returns>What became of it at each subscriber; nothing, which is a success, when there is none. No outcome throws; look at <see cref="PublishResult.Succeeded"/>.</returns>
    /// <exception cref="TopicException">It is no topic; the message says what is wrong at which position.</exception>
    /// <exception cref="MessageTypeException">The number is out of range, or the type is not registered.</exception>
    /// <exception cref="MessageTooLargeException">The payload, with the topic and the queue groups, is larger than <see cref="GossipMessaging.MaxMessageSize"/>, or the headers are too many or too large.</exception>
    /// <exception cref="GossipStateException">The node takes no part in a cluster.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public ValueTask<PublishResult> PublishAsync(
        string topic, int type, MessagePayload payload, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        TopicSyntax.DemandTopic(topic);
        MessageTypeNumber.Checked(type);
        _throwIfStopping();
        options ??= SendOptions.Default;
        return _host.Hooks.Wants<TopicPublished>()
            ? PublishAndTellAsync(topic, type, payload, options, cancellationToken)
            : _publisher.PublishAsync(topic, type, payload, options, cancellationToken);
    }

    internal void OnViewChanged()
    {
        _follower.OnViewChanged();
        _announcer.OnViewChanged();
        _attendance.OnViewChanged();
    }

    /// <summary>Completes when no handler runs for a publication of this node.</summary>
    internal Task WhenIdle() => _localPublications.WhenIdle();

    /// <summary>Takes nothing new.</summary>
    internal void Close() => _localPublications.Close();

    private async ValueTask<PublishResult> PublishAndTellAsync(string topic, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        var result = await _publisher.PublishAsync(topic, type, payload, options, cancellationToken).ConfigureAwait(false);
        _host.Hooks.Publish(new TopicPublished(topic, type, payload.Size, result));
        return result;
    }

    private async Task<TopicSubscription> AddAsync(string pattern, ITopicConsumer consumer, SubscribeOptions options, CancellationToken cancellationToken)
    {
        TopicSyntax.DemandPattern(pattern);
        _throwIfStopping();
        cancellationToken.ThrowIfCancellationRequested();
        var subscription = new TopicSubscription(new Interest(pattern, options.QueueGroup), consumer, withdrawn => WithdrawAsync(withdrawn, options.Timeout));
        var version = _local.Add(subscription);
        try
        {
            if (await AnnounceAsync(version, options.Timeout, cancellationToken).ConfigureAwait(false) is { IsEmpty: false } unanswered)
            {
                _host.Logger.SubscriptionWithdrawn(pattern, unanswered.Length, options.Timeout, unanswered[0]);
                throw new SubscribeException(pattern, options.Timeout, unanswered);
            }

            await PublishAsync(cancellationToken).ConfigureAwait(false);
            _host.Hooks.Publish(new TopicSubscribed(pattern, options.QueueGroup));
            return subscription;
        }
        catch
        {
            _local.Remove(subscription);
            _ = PublishQuietlyAsync();
            throw;
        }
    }

    private Task<ImmutableArray<NodeInstance>> AnnounceAsync(ulong version, TimeSpan timeout, CancellationToken cancellationToken) =>
        _host.IsHeard ? _announcer.AnnounceAsync(version, timeout, cancellationToken) : _attendance.AnnounceAsync(version, timeout, cancellationToken);

    /// <summary>Nobody hears what a client tells; its attendant tells it.</summary>
    private Task PublishAsync(CancellationToken cancellationToken) => _host.IsHeard ? _announcer.PublishAsync(cancellationToken) : Task.CompletedTask;

    private async ValueTask WithdrawAsync(TopicSubscription subscription, TimeSpan timeout)
    {
        var version = _local.Remove(subscription);
        _host.Hooks.Publish(new TopicUnsubscribed(subscription.Interest.Pattern, subscription.Interest.Group));
        try
        {
            _throwIfStopping();
            await AnnounceAsync(version, timeout, _stopped).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GossipException or OperationCanceledException)
        {
            return; // the node ends, and with it all of its subscriptions
        }

        await PublishQuietlyAsync().ConfigureAwait(false);
    }

    /// <summary>Tells others who know of what was withdrawn. Whoever is not told, because the node ends or its metadata are full, is answered that nobody subscribes.</summary>
    private async Task PublishQuietlyAsync()
    {
        try
        {
            await PublishAsync(_stopped).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GossipException or OperationCanceledException)
        {
            // As said above.
        }
    }
}

/// <summary>What topics are made of: parts of the node's messaging.</summary>
internal sealed record TopicParts(
    IMessagingHost Host, MessageTypeRegistry Types, MessagingOptions Options, InboundPipeline Pipeline, MessageSender Sender, Action ThrowIfStopping, CancellationToken Stopped);

namespace Gossip.Messaging;

/// <summary>
/// Subscribes for clients, whom no other member knows, and forwards to them. A client turns to one member and renews its interests there; when its connection is gone, or it renews them no more, the member drops them.
/// </summary>
internal sealed class ClientProxies(IMessagingHost host, MessageSender sender, LocalSubscriptions local, InterestAnnouncer announcer, CancellationToken stopped)
{
    /// <summary>A client that is silent for so long has turned to another member.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private const int MaxClients = 1024;
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnnounceTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeInstance, Proxy> _proxies = [];
    private bool _isChecking;

    /// <summary>A client tells its interests, and is told which version of them all members know.</summary>
    public MessagePayload OnInterests(MessageContext context)
    {
        if (!InterestFormat.TryRead(context.Payload.Encoded.Span, out var version, out var interests))
        {
            host.Logger.MalformedInterests(context.Sender);
            throw new AnswerException(Answer.Refused("malformed interests"));
        }

        lock (_gate)
        {
            if (!IsConnected(context.Sender) || host.View.Find(context.Sender.Id) is not null)
            {
                throw new AnswerException(Answer.Refused("the sender is no client that is connected here"));
            }

            if (!_proxies.TryGetValue(context.Sender, out var proxy))
            {
                if (_proxies.Count == MaxClients)
                {
                    throw new AnswerException(Answer.Refused($"this member subscribes for {MaxClients} clients already"));
                }

                proxy = new Proxy();
                _proxies.Add(context.Sender, proxy);
            }

            proxy.Heard = host.TimeProvider.GetTimestamp();
            if (version > proxy.Version)
            {
                Replace(context.Sender, proxy, interests);
                proxy.Version = version;
            }

            if (proxy.Announced < proxy.Version && !proxy.IsAnnouncing)
            {
                proxy.IsAnnouncing = true;
                _ = AnnounceAsync(proxy, proxy.Version, local.Version);
            }

            if (!_isChecking)
            {
                _isChecking = true;
                _ = CheckAsync();
            }

            return MessagePayload.FromBytes(InterestFormat.EncodeVersion(proxy.Announced));
        }
    }

    private bool IsConnected(NodeInstance client) => host.Clients.Find(client.Id) == client;

    /// <summary>All or nothing: the old ones are taken back once the new ones are there.</summary>
    private void Replace(NodeInstance client, Proxy proxy, Interest[] interests)
    {
        List<TopicSubscription> added = [];
        try
        {
            // All that a client subscribes to for itself has one consumer, so that it is sent a publication once.
            var own = new ForwardingConsumer(sender, client, group: null);
            foreach (var interest in interests)
            {
                var subscription = new TopicSubscription(interest, interest.Group is { } group ? new ForwardingConsumer(sender, client, group) : own, static _ => default);
                local.Add(subscription);
                added.Add(subscription);
            }
        }
        catch (SubscriptionLimitException e)
        {
            added.ForEach(subscription => local.Remove(subscription));
            throw new AnswerException(Answer.Refused(e.Message));
        }

        proxy.Subscriptions.ForEach(subscription => local.Remove(subscription));
        proxy.Subscriptions = added;
    }

    private async Task AnnounceAsync(Proxy proxy, ulong version, ulong localVersion)
    {
        var isKnown = false;
        try
        {
            isKnown = (await announcer.AnnounceAsync(localVersion, AnnounceTimeout, stopped).ConfigureAwait(false)).IsEmpty;
            await announcer.PublishAsync(stopped).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GossipException or OperationCanceledException)
        {
            isKnown = false; // the client asks again
        }

        lock (_gate)
        {
            proxy.IsAnnouncing = false;
            proxy.Announced = isKnown ? version : proxy.Announced;
        }
    }

    private async Task CheckAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(CheckPeriod, host.TimeProvider, stopped).ConfigureAwait(false);
                lock (_gate)
                {
                    foreach (var (client, proxy) in _proxies.Where(pair => !IsConnected(pair.Key) || host.TimeProvider.GetElapsedTime(pair.Value.Heard) > Lease).ToArray())
                    {
                        proxy.Subscriptions.ForEach(subscription => local.Remove(subscription));
                        _proxies.Remove(client);
                    }

                    if (_proxies.Count == 0)
                    {
                        _isChecking = false;
                    }
                }

                await announcer.PublishAsync(stopped).ConfigureAwait(false);
                lock (_gate)
                {
                    if (!_isChecking)
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception e) when (e is GossipException or OperationCanceledException)
        {
            lock (_gate)
            {
                _isChecking = false; // the node ends, or the next that a client says begins it anew
            }
        }
    }

    private sealed class Proxy
    {
        public ulong Version { get; set; }

        public ulong Announced { get; set; }

        public bool IsAnnouncing { get; set; }

        public long Heard { get; set; }

        public List<TopicSubscription> Subscriptions { get; set; } = [];
    }
}

/// <summary>Hands publications on to a client.</summary>
internal sealed class ForwardingConsumer(MessageSender sender, NodeInstance client, string? group) : ITopicConsumer
{
    public bool TryReserve(int size) => true;

    public void Release(int size)
    {
        // Nothing was kept.
    }

    public async ValueTask<MessagePayload> HandleAsync(MessageContext context, CancellationToken cancellationToken)
    {
        if (context.Sender == client && group is null)
        {
            return default; // it has handed it to its own subscriptions
        }

        var publication = new Publication(context.Topic!, context.Type, context.Payload, GroupsOnly: group is not null, group is null ? [] : [new GroupDuty(group, client.Id)])
        {
            Origin = context.Sender,
        };
        var options = new SendOptions { Delivery = context.Delivery, Headers = context.Headers, EndsEarly = true };
        var result = await sender.SendAsync(Target.Node(client.Id), TopicMessage.Publication, MessagePayload.FromBytes(publication.Encode()), options, cancellationToken).ConfigureAwait(false);
        return result.Targets[0] switch
        {
            { Succeeded: true } => default,
            { Outcome: SendOutcome.Unreachable } => throw new AnswerException(Answer.Refused($"client {client} cannot be reached")),
            { Outcome: SendOutcome.TimedOut or SendOutcome.Left } lost => throw new AnswerException(new Answer(SendOutcome.Failed, $"client {client}: {lost.Error}")),
            var answered => throw new AnswerException(new Answer(answered.Outcome, answered.Error)),
        };
    }
}

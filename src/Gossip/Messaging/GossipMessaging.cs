using Gossip.Messaging;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip;

/// <summary>Sends messages and requests to members, and takes handlers for those that arrive. All members may be called from any thread.</summary>
public sealed partial class GossipMessaging
{
    /// <summary>
    /// The largest payload in bytes of what travels in one frame: 4 MiB less the room for headers and framing. Best-effort messages and publications cannot be larger;
    /// reliable messages, requests and replies can, up to <see cref="MessagingOptions.MaxMessageBytes"/>.
    /// </summary>
    public const int MaxMessageSize = MessageLimits.MaxPayloadSize;

    /// <summary>How many of the engine's own requests run at once; none of them waits for anything.</summary>
    private const int EngineConcurrency = 4;

    private readonly IMessagingHost _host;
    private readonly MessageTypeRegistry _types;
    private readonly HandlerTable _handlers = new();
    private readonly InboundPipeline _pipeline = new();
    private readonly PendingDeliveries _pending;
    private readonly HandlerInvocation _invocation;
    private readonly HandlerDispatcher _dispatcher;
    private readonly HandlerDispatcher _engineDispatcher;
    private readonly MessageReceiver _receiver;
    private readonly MessageSender _sender;
    private readonly CompressionAnnouncer _announcer;
    private readonly PartStore _parts;
    private volatile bool _stopping;
    private volatile bool _stopped;

    internal GossipMessaging(IMessagingHost host, MessageTypeRegistry types, MessagingOptions options)
    {
        options.Checked();
        _host = host;
        _types = types;
        var windows = new DeliveryWindows();
        var transmitter = new EnvelopeTransmitter(host);
        var compression = new PayloadCompression(options);
        var formats = new PayloadFormats(types, compression);
        _announcer = new CompressionAnnouncer(host, compression);
        _pending = new PendingDeliveries(host, transmitter, formats, Counters, options.MaxPending, options.SendQueue);
        var largest = options.LargestMessage;
        var parts = new PartSender((to, type, payload, asked, token) => _sender!.RequestAsync(to, type, payload, asked, token), host.TimeProvider);
        _parts = new PartStore(largest, options.HandlerBytes, host.TimeProvider);
        _handlers.Add(PartFormat.Type, MessageVerb.Request, (context, _) => ValueTask.FromResult(_parts.OnPart(context)), options: null);
        _invocation = new HandlerInvocation(host, _handlers, _pipeline, windows, compression, parts, largest, Counters);
        _dispatcher = new HandlerDispatcher(options, host.TimeProvider, _invocation.RunAsync);
        _engineDispatcher = new HandlerDispatcher(new MessagingOptions { HandlerConcurrency = EngineConcurrency }, host.TimeProvider, _invocation.RunAsync);
        _receiver = new MessageReceiver(host, types, _handlers, windows, _dispatcher, _engineDispatcher, _invocation, _pending, _parts, formats, Counters);
        var rooms = new RoomWaits(host.TimeProvider, options.SendQueue, _invocation.Stopped);
        _sender = new MessageSender(host, _pending, transmitter, compression, new BestEffortSender(host, _pending, transmitter, compression, Counters, rooms), parts, largest);
        Topics = new GossipTopics(this, new TopicParts(host, types, options, _pipeline, _sender, ThrowIfStopping, _invocation.Stopped));
    }

    /// <summary>Publications and subscriptions.</summary>
    internal GossipTopics Topics { get; }

    internal TimeProvider Time => _host.TimeProvider;

    internal MessagingCounters Counters { get; } = new();

    /// <summary>Own reliable messages, per target, and requests that are not over.</summary>
    internal int InFlight => _pending.Count;

    /// <summary>Whom this node has sent to, and may send to again.</summary>
    internal int KnownPeers => _pending.KnownPeers;

    /// <summary>Bytes of large messages whose rest has not come.</summary>
    internal long PartBytes => _parts.Bytes;

    /// <summary>Handlers that run now.</summary>
    internal int RunningHandlers => _dispatcher.Running;

    /// <summary>Handles the messages of a registered type until the result is disposed.</summary>
    /// <typeparam name="T">The type; registered with <see cref="MessageTypeRegistry"/>.</typeparam>
    /// <param name="handler">Runs for each message, many at once. Its token fires when the node stops. A message that does not fit the type, and an exception, are reported to the sender as <see cref="SendOutcome.Failed"/>.</param>
    /// <param name="options">How the handler is run. Default: many messages at once, in no order.</param>
    /// <returns>Removes the handler when disposed; what runs then is finished.</returns>
    /// <exception cref="MessageTypeException">The type is not registered, or has a message handler.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The options allow less than one message at once.</exception>
    public IDisposable Handle<T>(Func<T, MessageContext, CancellationToken, ValueTask> handler, HandlerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle(_types.NumberOf<T>(), (context, cancellationToken) => handler(context.Read<T>(), context, cancellationToken), options);
    }

    /// <summary>Handles the messages of a type number until the result is disposed.</summary>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="handler">Runs for each message, many at once. Its token fires when the node stops. An exception is reported to the sender as <see cref="SendOutcome.Failed"/>.</param>
    /// <param name="options">How the handler is run. Default: many messages at once, in no order.</param>
    /// <returns>Removes the handler when disposed; what runs then is finished.</returns>
    /// <exception cref="MessageTypeException">The number is out of range, or has a message handler.</exception>
    public IDisposable Handle(int type, Func<MessageContext, CancellationToken, ValueTask> handler, HandlerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.Add(MessageTypeNumber.Checked(type), MessageVerb.Message, (context, cancellationToken) =>
            WithoutReply(handler(context, cancellationToken)), options);
    }

    /// <summary>Replies to the requests of a registered type until the result is disposed.</summary>
    /// <typeparam name="TRequest">The type of the request; registered.</typeparam>
    /// <typeparam name="TReply">The type of the reply; registered.</typeparam>
    /// <param name="handler">Runs for each request, many at once. Its token fires when the requester gives up, or the node stops. An exception is reported to the requester as <see cref="RemoteHandlerException"/>.</param>
    /// <param name="options">How the handler is run. Default: many messages at once, in no order.</param>
    /// <returns>Removes the handler when disposed; what runs then is finished.</returns>
    /// <exception cref="MessageTypeException">A type is not registered, or the type of the request has a request handler.</exception>
    public IDisposable HandleRequest<TRequest, TReply>(Func<TRequest, MessageContext, CancellationToken, ValueTask<TReply>> handler, HandlerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _ = _types.NumberOf<TReply>();
        return HandleRequest(_types.NumberOf<TRequest>(), async (context, cancellationToken) =>
            Payload(await handler(context.Read<TRequest>(), context, cancellationToken).ConfigureAwait(false)), options);
    }

    /// <summary>Replies to the requests of a type number until the result is disposed.</summary>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="handler">Runs for each request, many at once. Its token fires when the requester gives up, or the node stops. An exception is reported to the requester as <see cref="RemoteHandlerException"/>.</param>
    /// <param name="options">How the handler is run. Default: many messages at once, in no order.</param>
    /// <returns>Removes the handler when disposed; what runs then is finished.</returns>
    /// <exception cref="MessageTypeException">The number is out of range, or has a request handler.</exception>
    public IDisposable HandleRequest(int type, Func<MessageContext, CancellationToken, ValueTask<MessagePayload>> handler, HandlerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.Add(MessageTypeNumber.Checked(type), MessageVerb.Request, new MessageHandler(handler), options);
    }

    /// <summary>Puts a middleware before the handlers of all messages and requests, behind those that were put there before, until the result is disposed.</summary>
    /// <param name="middleware">Runs for each message and request that has a handler.</param>
    /// <returns>Removes the middleware when disposed; what runs then is finished.</returns>
    public IDisposable Use(MessageMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return _pipeline.Add(middleware);
    }

    /// <summary>Encodes an object of a registered type, for the methods that take a type number.</summary>
    /// <typeparam name="T">The type; registered.</typeparam>
    /// <param name="value">The object.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="MessageTypeException">The type is not registered.</exception>
    /// <exception cref="PayloadException">The object cannot be encoded.</exception>
    public MessagePayload Payload<T>(T value) => _types.Encode(value).Payload;

    /// <summary>Sends an object of a registered type.</summary>
    /// <typeparam name="T">The type; registered.</typeparam>
    /// <param name="target">Whom it is for. The node itself is never a target.</param>
    /// <param name="message">The object.</param>
    /// <param name="options">How it is sent. Default: reliable, within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up: nothing is sent again. Targets that have the message may still handle it.</param>
    /// <returns>What became of it at each target. No outcome throws; look at <see cref="SendResult.Succeeded"/>.</returns>
    /// <exception cref="MessageTypeException">The type is not registered.</exception>
    /// <exception cref="PayloadException">The object cannot be encoded.</exception>
    /// <exception cref="MessageTooLargeException">The payload is larger than it may be (see <see cref="MaxMessageSize"/> and <see cref="MessagingOptions.MaxMessageBytes"/>), or the headers are too many or too large.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public ValueTask<SendResult> SendAsync<T>(Target target, T message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (type, payload) = _types.Encode(message);
        return SendCoreAsync(target, type, payload, options, cancellationToken);
    }

    /// <summary>Sends a payload under a type number.</summary>
    /// <param name="target">Whom it is for. The node itself is never a target.</param>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="payload">The content.</param>
    /// <param name="options">How it is sent. Default: reliable, within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up: nothing is sent again. Targets that have the message may still handle it.</param>
    /// <returns>What became of it at each target. No outcome throws; look at <see cref="SendResult.Succeeded"/>.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    /// <exception cref="MessageTooLargeException">The payload is larger than it may be (see <see cref="MaxMessageSize"/> and <see cref="MessagingOptions.MaxMessageBytes"/>), or the headers are too many or too large.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public ValueTask<SendResult> SendAsync(
        Target target, int type, MessagePayload payload, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendCoreAsync(target, MessageTypeNumber.Checked(type), payload, options, cancellationToken);

    /// <summary>Asks a member, and waits for the reply.</summary>
    /// <typeparam name="TRequest">The type of the request; registered.</typeparam>
    /// <typeparam name="TReply">The type of the reply; registered.</typeparam>
    /// <param name="to">The member. A node does not ask itself.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">How it is sent. Default: within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up; the token of the remote handler fires then.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="RemoteHandlerException">The handler threw.</exception>
    /// <exception cref="NoHandlerException">Nobody handles this type of request there.</exception>
    /// <exception cref="RequestRefusedException">The member is overloaded or stopping, or cannot read the request.</exception>
    /// <exception cref="RequestTimeoutException">No reply came in time.</exception>
    /// <exception cref="MemberUnreachableException">The member is not known, is gone, or could not be reached.</exception>
    /// <exception cref="MessageTypeException">A type is not registered.</exception>
    /// <exception cref="PayloadException">The request cannot be encoded, or the reply is not a <typeparamref name="TReply"/>.</exception>
    /// <exception cref="MessageTooLargeException">The payload is larger than it may be (see <see cref="MaxMessageSize"/> and <see cref="MessagingOptions.MaxMessageBytes"/>), or the headers are too many or too large.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public async Task<TReply> RequestAsync<TRequest, TReply>(
        NodeId to, TRequest request, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        _ = _types.NumberOf<TReply>();
        var (type, payload) = _types.Encode(request);
        return _types.Decode<TReply>(await RequestCoreAsync(to, type, payload, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks a member under a type number, and waits for the reply.</summary>
    /// <param name="to">The member. A node does not ask itself.</param>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="payload">The content of the request.</param>
    /// <param name="options">How it is sent. Default: within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up; the token of the remote handler fires then.</param>
    /// <returns>The content of the reply.</returns>
    /// <exception cref="RemoteHandlerException">The handler threw.</exception>
    /// <exception cref="NoHandlerException">Nobody handles this type of request there.</exception>
    /// <exception cref="RequestRefusedException">The member is overloaded or stopping, or cannot read the request.</exception>
    /// <exception cref="RequestTimeoutException">No reply came in time.</exception>
    /// <exception cref="MemberUnreachableException">The member is not known, is gone, or could not be reached.</exception>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    /// <exception cref="MessageTooLargeException">The payload is larger than it may be (see <see cref="MaxMessageSize"/> and <see cref="MessagingOptions.MaxMessageBytes"/>), or the headers are too many or too large.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public Task<MessagePayload> RequestAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        RequestCoreAsync(to, MessageTypeNumber.Checked(type), payload, options, cancellationToken);

    /// <summary>The life of a member as this node knows it; null for a client, and for a life that is over.</summary>
    internal ClusterMember? Find(NodeInstance life) => _host.View.Find(life.Id) is { } member && member.Instance == life ? member : null;

    /// <summary>A packet of kind <see cref="PacketKind.Data"/> arrived, whole and opened. Safe for any bytes; never blocks.</summary>
    internal void OnPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection)
    {
        if (!_stopped)
        {
            _receiver.OnPacket(header, packet, connection);
        }
    }

    /// <summary>A broadcast that <see cref="IBroadcastLink"/> took on another node arrived.</summary>
    internal void OnBroadcast(NodeInstance origin, ReadOnlySpan<byte> envelope)
    {
        if (!_stopped)
        {
            _receiver.OnBroadcast(origin, envelope);
        }
    }

    /// <summary>A frame of kind <see cref="PacketKind.Data"/> did not reach the network.</summary>
    internal void OnUndeliverable(NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        if (packet.Length < PacketHeader.Size)
        {
            return;
        }

        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (reader.Field != (int)MessageKind.Envelope || !Envelope.TryRead(reader.Bytes, out var envelope))
            {
                continue; // a lost receipt is sent again when the message is; a lost reply times out
            }

            if (envelope.Mode == MessageMode.BestEffort)
            {
                Counters.CountDropped();
            }
            else
            {
                var lane = envelope.Mode == MessageMode.Request ? DeliveryLane.Request : DeliveryLane.Reliable;
                _pending.OnFailure(envelope.Address.Target, lane, envelope.Address.Sequence);
            }
        }
    }

    /// <summary>The host's view changed: what is on its way to members that are gone ends.</summary>
    internal void OnViewChanged(ClusterView view)
    {
        _pending.OnViewChanged(view);
        _announcer.OnViewChanged(view);
        Topics.OnViewChanged();
    }

    /// <summary>Adds a handler under any number, also those of the engine.</summary>
    internal IDisposable Add(int type, MessageVerb verb, MessageHandler handler, HandlerOptions? options = null) => _handlers.Add(type, verb, handler, options);

    /// <summary>Asks a member on behalf of the engine until it answers: past the middleware, which is for users' messages.</summary>
    internal Task<(NodeInstance Target, Answer Answer)> AskAsync(NodeId to, int type, MessagePayload payload, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ThrowIfStopping();
        return _sender.RequestAgainAsync(to, type, payload, new RequestOptions { Timeout = timeout }, cancellationToken);
    }

    /// <summary>
    /// Stops: refuses new work, waits for handlers and own sends until <paramref name="deadline"/> fires, then cancels the
    /// handlers and reports the sends as timed out. Does not throw. Afterwards nothing runs but handlers that ignore their token.
    /// </summary>
    internal async Task DrainAsync(CancellationToken deadline)
    {
        _stopping = true;
        _receiver.BeginStop();
        try
        {
            await Task.WhenAll(_dispatcher.WhenIdle(), _pending.WhenIdle(), Topics.WhenIdle()).WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _host.Logger.DrainTimedOut(_dispatcher.Running, _pending.Count);
        }

        Topics.Close();
        foreach (var message in _engineDispatcher.Close().Concat(_dispatcher.Close()))
        {
            _invocation.Finish(message, Answer.Refused(Refusal.Stopping));
        }

        _stopped = true;
        _invocation.Stop();
        _pending.Close();
        _parts.Close();
    }

    private static ValueTask<MessagePayload> WithoutReply(ValueTask running)
    {
        if (!running.IsCompletedSuccessfully)
        {
            return AwaitAsync(running);
        }

        running.GetAwaiter().GetResult(); // for a pooled source, which waits for it to be used again
        return default;

        static async ValueTask<MessagePayload> AwaitAsync(ValueTask running)
        {
            await running.ConfigureAwait(false);
            return default;
        }
    }

    private void ThrowIfStopping()
    {
        if (_stopping)
        {
            throw new GossipStoppedException();
        }

        _host.DemandMembership();
    }
}

using Gossip.Messaging;

namespace Gossip;

/// <content>The way from a call through the outbound middleware to the sender.</content>
public sealed partial class GossipMessaging
{
    private readonly OutboundPipeline _outbound = new();

    /// <summary>Puts a middleware before the sending of all messages and requests, behind those that were put there before, until the result is disposed.</summary>
    /// <param name="middleware">Runs for each message and request. Without any, sending costs no memory.</param>
    /// <returns>Removes the middleware when disposed; what is under way goes on through it.</returns>
    public IDisposable UseOutbound(OutboundMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return _outbound.Add(middleware);
    }

    private ValueTask<SendResult> SendCoreAsync(
        Target target, int type, MessagePayload payload, SendOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ThrowIfStopping();
        options ??= SendOptions.Default;
        return _outbound.IsEmpty
            ? _sender.SendAsync(target, type, payload, options, cancellationToken)
            : SendThroughAsync(target, type, payload, options, cancellationToken);
    }

    private async ValueTask<SendResult> SendThroughAsync(Target target, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        var message = new OutboundMessage
        {
            Target = target,
            Type = type,
            Verb = MessageVerb.Message,
            Payload = payload,
            Headers = options.Headers,
            Delivery = options.Delivery,
            Timeout = options.Timeout,
        };
        var result = await _outbound.RunAsync(message, SendAsync, cancellationToken).ConfigureAwait(false);
        return result.Result ?? throw new InvalidOperationException("An outbound middleware answered a message without a result of sending it.");

        async ValueTask<OutboundResult> SendAsync(OutboundMessage message, CancellationToken token) => new(await _sender.SendAsync(
            message.Target,
            MessageTypeNumber.Checked(message.Type),
            message.Payload,
            options with { Headers = message.Headers, Delivery = message.Delivery, Timeout = message.Timeout },
            token).ConfigureAwait(false));
    }

    private async Task<MessagePayload> RequestCoreAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions? options, CancellationToken cancellationToken)
    {
        ThrowIfStopping();
        options ??= RequestOptions.Default;
        if (_outbound.IsEmpty)
        {
            return await RequestOnceAsync(to, type, payload, options, cancellationToken).ConfigureAwait(false);
        }

        var message = new OutboundMessage
        {
            Target = Target.Node(to),
            Type = type,
            Verb = MessageVerb.Request,
            Payload = payload,
            Headers = options.Headers,
            Delivery = Delivery.Reliable,
            Timeout = options.Timeout,
        };
        return (await _outbound.RunAsync(message, RequestAsync, cancellationToken).ConfigureAwait(false)).Reply;

        async ValueTask<OutboundResult> RequestAsync(OutboundMessage message, CancellationToken token) => new(await RequestOnceAsync(
            message.Target.OnlyNode is { IsNone: false } node
                ? node
                : throw new InvalidOperationException("An outbound middleware passed on a request to another target than one node."),
            MessageTypeNumber.Checked(message.Type),
            message.Payload,
            options with { Headers = message.Headers, Timeout = message.Timeout },
            token).ConfigureAwait(false));
    }

    private async Task<MessagePayload> RequestOnceAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions options, CancellationToken cancellationToken)
    {
        var (target, answer) = options.IsIdempotent
            ? await _sender.RequestAgainAsync(to, type, payload, options, cancellationToken).ConfigureAwait(false)
            : await _sender.RequestAsync(to, type, payload, options, cancellationToken).ConfigureAwait(false);
        return answer.Outcome switch
        {
            SendOutcome.Handled => answer.Reply,
            SendOutcome.NoHandler => throw new NoHandlerException(target, type),
            SendOutcome.Failed => throw new RemoteHandlerException(target, answer.ErrorType ?? nameof(Exception), answer.Error ?? ""),
            SendOutcome.Refused when Refusal.IsOfEncoding(answer.Error) => throw new UnknownEncodingException(target, answer.Error!),
            SendOutcome.Refused => throw new RequestRefusedException(target, answer.Error),
            SendOutcome.TimedOut => throw new RequestTimeoutException(target, options.Timeout),
            _ => throw new MemberUnreachableException(target, answer.Error),
        };
    }
}

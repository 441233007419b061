using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Gossip.Diagnostics;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>Runs one handler, turns whatever comes of it into an answer, and sends the answer back.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing to dispose of, and handlers that outlast the node look at its token.")]
internal sealed class HandlerInvocation(
    IMessagingHost host, HandlerTable handlers, InboundPipeline pipeline, DeliveryWindows windows, PayloadCompression compression, PartSender parts, int maxReply, MessagingCounters counters)
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<(NodeInstance, ulong), CancellationTokenSource> _requests = new();

    /// <summary>Fires when the node has stopped.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>The source of a request's token, which fires when the sender gives up. It lasts until the request was run or refused.</summary>
    public CancellationTokenSource OpenRequest(NodeInstance sender, ulong sequence, TimeSpan timeout)
    {
        var source = new CancellationTokenSource(timeout, host.TimeProvider);
        _requests[(sender, sequence)] = source;
        return source;
    }

    /// <summary>The sender of a request no longer waits.</summary>
    public void OnCancel(NodeInstance sender, ulong sequence)
    {
        if (_requests.TryGetValue((sender, sequence), out var source))
        {
            Cancel(source);
        }
    }

    public void Stop()
    {
        Cancel(_stopped);
        foreach (var source in _requests.Values)
        {
            Cancel(source);
        }
    }

    /// <summary>Never throws: it is the outermost call of a thread.</summary>
    public ValueTask RunAsync(InboundMessage message)
    {
        try
        {
            if (Obstacle(message, out var handler) is { } answer)
            {
                Finish(message, answer);
                return default;
            }

            var token = message.Cancellation?.Token ?? _stopped.Token;
            if (GossipTracing.HasListeners || host.Hooks.WantsHandlers)
            {
                return new ValueTask(RunWatchedAsync(message, handler!, token));
            }

            // Nobody waits for word of a best-effort message: one whose handler ends at once, and well, is over.
            var running = Start(handler!, message.Context, token);
            return running.IsCompletedSuccessfully && !message.IsAnswered
                ? default
                : new ValueTask(FinishAsync(message, running, activity: null, token));
        }
        catch (Exception e)
        {
            host.Logger.AnswerFailed(e);
            return default;
        }
    }

    /// <summary>Remembers and sends the answer to a message.</summary>
    public void Finish(in InboundMessage message, in Answer answer)
    {
        var context = message.Context;
        if (message.Cancellation is { } source)
        {
            _requests.TryRemove((context.Sender, context.Id), out _);
            source.Dispose();
        }

        if (message.IsAnswered)
        {
            windows.Finish(context.Sender, message.Lane, context.Id, answer.Outcome, answer.Error);
            if (answer.Outcome != SendOutcome.TimedOut) // a conclusion that the sender draws itself
            {
                Send(context.Sender, message.Lane, context.Id, answer, message.Connection);
            }
        }
    }

    /// <summary>Sends an answer on the connection that the message came on, else to where the member is.</summary>
    public void Send(NodeInstance to, DeliveryLane lane, ulong sequence, in Answer answer, ITransportConnection? connection)
    {
        if (_stopped.IsCancellationRequested)
        {
            return;
        }

        if (answer.Outcome == SendOutcome.Refused)
        {
            counters.CountRefused();
        }

        var packet = ArrayPool<byte>.Shared.Rent(AnswerFields.SizeBound(answer));
        try
        {
            var kind = lane == DeliveryLane.Request ? MessageKind.Reply : MessageKind.Receipt;
            var written = packet.AsSpan(0, DataPacket.WriteAnswer(packet, host.Header(), kind, new DeliveryAddress(to, sequence), answer));
            if (connection?.TrySend(written) != true && host.View.Find(to.Id) is { } member && member.Instance == to)
            {
                _ = host.Transport.TrySendFrame(member.Endpoint, written);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            // Callbacks are the user's code and must not run on the thread of a reader; what they throw is theirs.
            _ = source.CancelAsync().ContinueWith(
                static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        catch (ObjectDisposedException)
        {
            // The request ended in this moment.
        }
    }

    /// <summary>Calls a handler. It cannot leave an async-local value behind for the next one, whether it is an async method or not.</summary>
    private ValueTask<MessagePayload> Start(MessageHandler handler, MessageContext context, CancellationToken token)
    {
        var before = ExecutionContext.Capture();
        try
        {
            return context.Type < MessageTypeNumber.FirstLibrary ? handler(context, token) : pipeline.RunAsync(handler, context, token); // middleware is for users' messages
        }
        catch (Exception e)
        {
            return ValueTask.FromException<MessagePayload>(e);
        }
        finally
        {
            if (before is not null)
            {
                ExecutionContext.Restore(before);
            }
        }
    }

    /// <summary>Null, or why a message is not handled after all.</summary>
    private Answer? Obstacle(in InboundMessage message, out MessageHandler? handler)
    {
        var context = message.Context;
        var entry = handlers.Find(context.Type, context.Verb);
        handler = entry?.Run;

        // A successor has gates of its own, which a message that has passed its predecessor's would not respect.
        if (handler is null || (entry != message.Handler && (entry!.HasGates || message.Handler.HasGates)))
        {
            return Answer.NoHandler(context.Type);
        }

        if (_stopped.IsCancellationRequested)
        {
            return Answer.Refused(Refusal.Stopping);
        }

        return message.IsAnswered && host.TimeProvider.GetElapsedTime(message.Arrived) >= message.Timeout ? Answer.Refused(Refusal.Expired) : null;
    }

    private async Task RunWatchedAsync(InboundMessage message, MessageHandler handler, CancellationToken token)
    {
        try
        {
            using var activity = StartActivity(message.Context);
            var running = message.Context.Type < MessageTypeNumber.FirstLibrary
                ? Start(handler, message.Context, token) // the engine's own
                : host.Hooks.RunAsync(host.TimeProvider, message.Context, () => Start(handler, message.Context, token));
            await FinishAsync(message, running, activity, token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            host.Logger.AnswerFailed(e); // a listener's, who threw
        }
    }

    /// <summary>A listener that throws costs the trace, and not the message.</summary>
    private Activity? StartActivity(MessageContext context)
    {
        try
        {
            return GossipTracing.StartHandle(context);
        }
        catch (Exception e)
        {
            host.Logger.TracingFailed(e);
            return null;
        }
    }

    private async Task FinishAsync(InboundMessage message, ValueTask<MessagePayload> running, Activity? activity, CancellationToken token)
    {
        try
        {
            var answer = await AnswerAsync(message.Context, running, activity, token).ConfigureAwait(false);
            Finish(message, PartSender.IsLarge(answer.Reply) ? await SendAheadAsync(message, answer, token).ConfigureAwait(false) : answer);
        }
        catch (Exception e)
        {
            host.Logger.AnswerFailed(e);
        }
    }

    /// <summary>Sends what of a reply does not fit a frame; what is left is the answer.</summary>
    private async ValueTask<Answer> SendAheadAsync(InboundMessage message, Answer answer, CancellationToken token)
    {
        var list = parts.Cut(answer.Reply);
        var rest = message.Timeout - host.TimeProvider.GetElapsedTime(message.Arrived);
        try
        {
            return await parts.SendAsync(message.Context.Sender, list, answer.Reply.Encoded, rest, token).ConfigureAwait(false) switch
            {
                null => answer with { Reply = PartSender.EndOf(answer.Reply, list), Parts = list },
                { Outcome: SendOutcome.TimedOut } late => late,
                { } obstacle => Answer.Refused($"the reply of {answer.Reply.Size} bytes did not get back: {obstacle.Error}"),
            };
        }
        catch (OperationCanceledException)
        {
            return new Answer(SendOutcome.TimedOut); // nobody waits any more
        }
    }

    private async ValueTask<Answer> AnswerAsync(
        MessageContext context, ValueTask<MessagePayload> running, Activity? activity, CancellationToken token)
    {
        try
        {
            var reply = await running.ConfigureAwait(false);
            MessageLimits.CheckPayload(reply, maxReply);
            return new Answer(SendOutcome.Handled, Reply: context.Verb == MessageVerb.Request ? compression.CompressFor(host.View.Find(context.Sender.Id), reply) : default);
        }
        catch (OperationCanceledException) when (context.Verb == MessageVerb.Request && token.IsCancellationRequested && !_stopped.IsCancellationRequested)
        {
            // The requester gives up at this very moment, or has. Were it told, it would be chance whether it saw a timeout or an error of the handler.
            return new Answer(SendOutcome.TimedOut);
        }
        catch (OperationCanceledException e) when (token.IsCancellationRequested)
        {
            return Answer.Failed(e);
        }
        catch (AnswerException e)
        {
            return e.Answer;
        }
        catch (Exception e)
        {
            counters.CountHandlerError();
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            host.Logger.HandlerFailed(context.Type, context.Verb, context.Id, context.Sender, e);
            return Answer.Failed(e);
        }
    }
}

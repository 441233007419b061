namespace Gossip.Messaging;

/// <summary>Asks a node something: a request of the engine's own, with what became of it.</summary>
internal delegate Task<(NodeInstance Target, Answer Answer)> EngineRequest(
    NodeId to, int type, MessagePayload payload, RequestOptions options, CancellationToken cancellationToken);

/// <summary>
/// Sends ahead what of a payload does not fit a frame. When its parts have arrived, the message, or the reply, that bears its end is an ordinary one:
/// numbered, ordered, sent again and answered like any other, so that a large message is handled once, too.
/// </summary>
internal sealed class PartSender(EngineRequest request, TimeProvider time)
{
    /// <summary>So many parts are under way to a target at once: enough to keep a fast network busy, and few enough to share it.</summary>
    private const int AtOnce = 4;

    /// <summary>How long one part may take until it is sent once more, in case that it, or the word that it came, was lost with a connection.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private ulong _lastId;

    public static bool IsLarge(in MessagePayload payload) => payload.Size > MessageLimits.MaxPayloadSize;

    /// <summary>Says how a large payload is cut; of any other nothing goes ahead.</summary>
    public PartList Cut(in MessagePayload payload) =>
        IsLarge(payload) ? new PartList(Interlocked.Increment(ref _lastId), (payload.Size - 1) / PartFormat.PartSize) : default;

    /// <summary>What the message itself bears.</summary>
    public static MessagePayload EndOf(in MessagePayload payload, PartList list) =>
        new(payload.Kind, payload.Encoded[(list.Count * PartFormat.PartSize)..]);

    /// <summary>Sends the parts of a payload to one life of a node. Null when all have arrived, else what became of the first that did not.</summary>
    public async Task<Answer?> SendAsync(NodeInstance to, PartList list, ReadOnlyMemory<byte> payload, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        Answer? obstacle = null;
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, list.Count)).Select(_ => SendSomeAsync())).ConfigureAwait(false);
        return obstacle;

        async Task SendSomeAsync()
        {
            while (obstacle is null && Interlocked.Increment(ref next) - 1 is var index && index < list.Count)
            {
                var part = PartFormat.Write(list.Id, index, payload.Span.Slice(index * PartFormat.PartSize, PartFormat.PartSize));
                if (await SendAsync(to, part, start, timeout, cancellationToken).ConfigureAwait(false) is { } answer)
                {
                    obstacle = answer;
                }
            }
        }
    }

    /// <summary>Sends a part until it has arrived or is refused for good. It does no harm to send one twice.</summary>
    private async Task<Answer?> SendAsync(NodeInstance to, MessagePayload part, long start, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var attempts = 1; ; attempts++)
        {
            var rest = timeout - time.GetElapsedTime(start);
            if (rest <= TimeSpan.Zero)
            {
                return new Answer(SendOutcome.TimedOut, $"its parts had not all arrived within {timeout}");
            }

            var (target, answer) = await request(to.Id, PartFormat.Type, part, new RequestOptions { Timeout = rest < Patience ? rest : Patience }, cancellationToken).ConfigureAwait(false);
            if (target != to)
            {
                return new Answer(SendOutcome.Left, "the member left, died or restarted");
            }

            if (answer is { Outcome: SendOutcome.Handled })
            {
                return null;
            }

            if (answer is not ({ Outcome: SendOutcome.Refused, Error: Refusal.Overloaded } or { Outcome: SendOutcome.TimedOut }))
            {
                return answer;
            }

            var wait = RetrySchedule.AfterFailure(attempts);
            await Task.Delay(wait < rest ? wait : rest, time, cancellationToken).ConfigureAwait(false);
        }
    }
}

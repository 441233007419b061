using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>What became of a message at its target: the outcome, why, and for a request the reply.</summary>
internal readonly record struct Answer(SendOutcome Outcome, string? Error = null, string? ErrorType = null, MessagePayload Reply = default, PartList Parts = default)
{
    public static Answer NoHandler(int type) => new(SendOutcome.NoHandler, $"no handler for message type {type}");

    public static Answer Refused(string reason) => new(SendOutcome.Refused, reason);

    public static Answer Failed(Exception error) => new(
        SendOutcome.Failed,
        MessageLimits.Cut(error.Message, MessageLimits.MaxErrorBytes),
        MessageLimits.Cut(error.GetType().FullName ?? error.GetType().Name, MessageLimits.MaxErrorTypeBytes));
}

/// <summary>Why a receiver refuses a message. The texts travel to the sender.</summary>
internal static class Refusal
{
    /// <summary>The one reason that senders look at: the answer comes from another life of the target than the one that was addressed.</summary>
    public const string Generation = "generation";

    public const string Overloaded = "overloaded";
    public const string Stopping = "stopping";
    public const string Codec = "unknown codec";
    public const string Compression = "unknown compression";
    public const string Expired = "expired before a handler was free";
    public const string TooOld = "older than the delivery window";
    public const string QueueFull = "the queue to the member is full";
    public const string Dropped = "dropped for a newer message";
    public const string Parts = "parts of it are missing";
    public const string TooLarge = "larger than MaxMessageBytes at the target";
    public const string TooManyPending = "too many unfinished sends on this node";
}

/// <summary>A receipt (for a reliable message) or a reply (for a request) on the wire: a reply has the fields of a receipt, and more.</summary>
internal ref struct AnswerFields
{
    // 1-3 are the address.
    private const int OutcomeField = 4;
    private const int ErrorField = 5;
    private const int CodecField = 6;
    private const int CompressionField = 7;
    private const int PayloadField = 8;
    private const int ErrorTypeField = 9;
    private const int PartsIdField = 10;
    private const int PartsCountField = 11;

    private DeliveryAddress _address;
    private int _outcome;
    private ReadOnlySpan<byte> _error;
    private ReadOnlySpan<byte> _errorType;
    private ReadOnlySpan<byte> _payload;
    private int _codec;
    private int _compression;
    private ulong _partsId;
    private int _partsCount;

    public readonly DeliveryAddress Address => _address;

    /// <summary>True when the answer comes from another life of the target than the one that was addressed.</summary>
    public readonly bool IsOtherLife =>
        (SendOutcome)_outcome == SendOutcome.Refused && System.Text.Ascii.Equals(_error, Refusal.Generation);

    public static bool TryRead(ReadOnlySpan<byte> source, out AnswerFields answer)
    {
        answer = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            if (answer._address.TryTake(ref reader))
            {
                continue;
            }

            switch (reader.Field)
            {
                case OutcomeField:
                    reader.Read(ref answer._outcome);
                    break;
                case ErrorField when reader.Type == WireType.Bytes:
                    answer._error = reader.Bytes;
                    break;
                case CodecField:
                    reader.Read(ref answer._codec);
                    break;
                case CompressionField:
                    reader.Read(ref answer._compression);
                    break;
                case PayloadField when reader.Type == WireType.Bytes:
                    answer._payload = reader.Bytes;
                    break;
                case ErrorTypeField when reader.Type == WireType.Bytes:
                    answer._errorType = reader.Bytes;
                    break;
                case PartsIdField:
                    reader.Read(ref answer._partsId);
                    break;
                case PartsCountField:
                    reader.Read(ref answer._partsCount);
                    break;
                default:
                    break;
            }
        }

        // The other outcomes are conclusions of the sender, which no target can state.
        return !reader.Malformed
            && answer._outcome is >= (int)SendOutcome.Handled and <= (int)SendOutcome.Refused
            && answer._error.Length <= MessageLimits.MaxErrorBytes
            && answer._errorType.Length <= MessageLimits.MaxErrorTypeBytes
            && answer._payload.Length <= MessageLimits.MaxPayloadSize;
    }

    /// <summary>Copies the fields out of the packet; what of a large reply came before from its sender is in <paramref name="store"/>.</summary>
    public readonly Answer ToAnswer(MessageKind kind, NodeInstance from, PartStore store)
    {
        if (kind == MessageKind.Reply && (SendOutcome)_outcome == SendOutcome.Handled)
        {
            var parts = new PartList(_partsId, _partsCount);
            if (PayloadCodec.Check(_codec, _compression) is { } refusal)
            {
                store.Drop(from, parts);
                return Answer.Refused(refusal);
            }

            var payload = parts.IsEmpty ? _payload.ToArray()
                : store.TryTake(from, parts, _payload, out var whole) ? whole
                : null;
            return payload is null ? Answer.Refused(Refusal.Parts) : new Answer(SendOutcome.Handled, Reply: new MessagePayload((PayloadKind)_codec, payload));
        }

        return new Answer((SendOutcome)_outcome, Text(_error), Text(_errorType));
    }

    public static int SizeBound(in Answer answer) =>
        DataPacket.MaxFraming + answer.Reply.Size + MessageLimits.MaxErrorBytes + MessageLimits.MaxErrorTypeBytes + DeliveryAddress.MaxSize;

    public static void Write(ref WireWriter writer, MessageKind kind, in DeliveryAddress address, in Answer answer)
    {
        address.Write(ref writer);
        writer.Number(OutcomeField, (int)answer.Outcome);
        if (answer.Error is { } error)
        {
            writer.Text(ErrorField, error);
        }

        if (kind != MessageKind.Reply)
        {
            return;
        }

        if (answer.Outcome == SendOutcome.Handled)
        {
            writer.Number(CodecField, (int)answer.Reply.Kind);
            writer.Bytes(PayloadField, answer.Reply.Encoded.Span);
            writer.Number(PartsIdField, answer.Parts.Id);
            writer.Number(PartsCountField, answer.Parts.Count);
        }

        if (answer.ErrorType is { } type)
        {
            writer.Text(ErrorTypeField, type);
        }
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(utf8);
}

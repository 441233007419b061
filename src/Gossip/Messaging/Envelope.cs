using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>How the sender wants a message treated. The numbers are used on the wire.</summary>
internal enum MessageMode
{
    BestEffort = 0,
    Reliable = 1,
    Request = 2,
}

/// <summary>A user message on the wire. Reading it allocates nothing; headers are decoded only for a message that is accepted.</summary>
internal ref struct Envelope
{
    // 1-3 are the address.
    private const int ModeField = 4;
    private const int TypeField = 5;
    private const int CodecField = 6;
    private const int CompressionField = 7;
    private const int CreatedField = 8;
    private const int HeaderField = 9;
    private const int PayloadField = 10;
    private const int TimeoutField = 11;

    // 12 is the address's.
    private const int PartsIdField = 13;
    private const int PartsCountField = 14;

    private const int MaxFixedSize = 80; // all fields but headers and payload bytes, with their keys and lengths
    private const int MaxHeaderFraming = 12;

    private ReadOnlySpan<byte> _source;
    private ReadOnlySpan<byte> _payload;
    private int _headerCount;
    private int _mode;
    private int _type;
    private int _codec;
    private int _compression;
    private ulong _created;
    private int _timeout;
    private ulong _partsId;
    private int _partsCount;
    private DeliveryAddress _address;

    public readonly DeliveryAddress Address => _address;

    public readonly MessageMode Mode => (MessageMode)_mode;

    public readonly int Type => _type;

    public readonly int Codec => _codec;

    public readonly int Compression => _compression;

    public readonly DateTimeOffset Created => new((long)_created, TimeSpan.Zero);

    public readonly ReadOnlySpan<byte> Payload => _payload;

    /// <summary>What of the payload came before, when it is larger than a frame.</summary>
    public readonly PartList Parts => new(_partsId, _partsCount);

    /// <summary>How long the sender waits, within the limits of this node.</summary>
    public readonly TimeSpan Timeout =>
        _timeout == 0 ? MessageLimits.DefaultTimeout : TimeSpan.FromMilliseconds(Math.Min(_timeout, MessageLimits.MaxTimeout.TotalMilliseconds));

    /// <summary>Encodes all that is the same for every target.</summary>
    public static ReadOnlyMemory<byte> EncodeBody(
        MessageMode mode, int type, in MessagePayload payload, DateTimeOffset created, IReadOnlyDictionary<string, string>? headers, TimeSpan timeout, PartList parts = default)
    {
        var body = new byte[BodySizeBound(payload, headers)];
        var writer = new WireWriter(body);
        WriteBody(ref writer, mode, type, payload, created, headers, timeout);
        writer.Number(PartsIdField, parts.Id);
        writer.Number(PartsCountField, parts.Count);
        return body.AsMemory(0, writer.Position);
    }

    /// <summary>Encodes a broadcast: an envelope alone, without target or packet, because the engine carries it inside its own messages.</summary>
    public static ReadOnlyMemory<byte> EncodeBroadcast(
        ulong sequence, int type, in MessagePayload payload, DateTimeOffset created, IReadOnlyDictionary<string, string>? headers)
    {
        var envelope = new byte[DeliveryAddress.MaxSize + BodySizeBound(payload, headers)];
        var writer = new WireWriter(envelope);
        new DeliveryAddress(default, sequence).Write(ref writer);
        WriteBody(ref writer, MessageMode.BestEffort, type, payload, created, headers, timeout: default);
        return envelope.AsMemory(0, writer.Position);
    }

    /// <summary>At least the size of what <see cref="WriteBody"/> writes.</summary>
    public static int BodySizeBound(in MessagePayload payload, IReadOnlyDictionary<string, string>? headers) =>
        MaxFixedSize + payload.Size + MessageLimits.HeaderBytes(headers) + ((headers?.Count ?? 0) * MaxHeaderFraming);

    /// <summary>Writes all that is the same for every target.</summary>
    public static void WriteBody(
        ref WireWriter writer,
        MessageMode mode,
        int type,
        in MessagePayload payload,
        DateTimeOffset created,
        IReadOnlyDictionary<string, string>? headers,
        TimeSpan timeout)
    {
        writer.Number(ModeField, (int)mode);
        writer.Number(TypeField, type);
        writer.Number(CodecField, (int)payload.Kind);
        writer.Fixed64(CreatedField, (ulong)created.UtcTicks);
        if (headers is not null)
        {
            foreach (var (key, value) in headers)
            {
                MessageHeader.Write(ref writer, HeaderField, key, value);
            }
        }

        writer.Bytes(PayloadField, payload.Encoded.Span);
        if (mode != MessageMode.BestEffort)
        {
            writer.Number(TimeoutField, (int)Math.Max(1, timeout.TotalMilliseconds));
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out Envelope envelope)
    {
        envelope = default;
        envelope._source = source;
        var headerBytes = 0;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            if (envelope._address.TryTake(ref reader))
            {
                continue;
            }

            switch (reader.Field)
            {
                case ModeField:
                    reader.Read(ref envelope._mode);
                    break;
                case TypeField:
                    reader.Read(ref envelope._type);
                    break;
                case CodecField:
                    reader.Read(ref envelope._codec);
                    break;
                case CompressionField:
                    reader.Read(ref envelope._compression);
                    break;
                case CreatedField:
                    reader.Read(ref envelope._created);
                    break;
                case HeaderField:
                    envelope._headerCount++;
                    if (!MessageHeader.TryRead(reader.Bytes, out var key, out var value))
                    {
                        return false;
                    }

                    headerBytes += key.Length + value.Length;
                    break;
                case PayloadField when reader.Type == WireType.Bytes:
                    envelope._payload = reader.Bytes;
                    break;
                case TimeoutField:
                    reader.Read(ref envelope._timeout);
                    break;
                case PartsIdField:
                    reader.Read(ref envelope._partsId);
                    break;
                case PartsCountField:
                    reader.Read(ref envelope._partsCount);
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed && envelope.IsSensible && headerBytes <= MessageLimits.MaxHeaderBytes;
    }

    private readonly bool IsSensible =>
        _address.Sequence != 0
        && _mode is >= (int)MessageMode.BestEffort and <= (int)MessageMode.Request
        && _type <= MessageTypeNumber.Max
        && _created <= (ulong)DateTime.MaxValue.Ticks
        && _payload.Length <= MessageLimits.MaxPayloadSize
        && (_partsCount == 0 || _mode != (int)MessageMode.BestEffort)
        && _headerCount <= MessageLimits.MaxHeaders;

    public readonly IReadOnlyDictionary<string, string> ReadHeaders()
    {
        if (_headerCount == 0)
        {
            return MessageLimits.EmptyHeaders;
        }

        var headers = new Dictionary<string, string>(_headerCount, StringComparer.Ordinal);
        var reader = new WireReader(_source);
        while (reader.Next())
        {
            if (reader.Field == HeaderField && MessageHeader.TryRead(reader.Bytes, out var key, out var value))
            {
                headers[System.Text.Encoding.UTF8.GetString(key)] = System.Text.Encoding.UTF8.GetString(value);
            }
        }

        return headers;
    }
}

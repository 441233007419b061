using Gossip.Messaging;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>Which stream of a connection a frame is about: either side numbers those that it opens.</summary>
/// <param name="Number">The number, from the side that opened the stream; never zero.</param>
/// <param name="IsOwn">Whether this side opened it.</param>
internal readonly record struct StreamKey(ulong Number, bool IsOwn);

/// <summary>Everything that is said on an open stream: its bytes, credit, and how a direction or the whole of it ends.</summary>
internal ref struct StreamFrame
{
    private const int NumberField = 1;
    private const int OpenerField = 2;
    private const int OffsetField = 3;
    private const int PayloadField = 4;
    private const int ReasonField = 5;
    private const int TextField = 6;

    private ulong _number;
    private bool _fromOpener;
    private ulong _offset;
    private ReadOnlySpan<byte> _payload;
    private int _reason;
    private ReadOnlySpan<byte> _text;

    /// <summary>As the reader sees it.</summary>
    public readonly StreamKey Key => new(_number, !_fromOpener);

    /// <summary>Data: where its first byte stands. Credit: up to where may be sent. End: how many bytes there were.</summary>
    public readonly long Offset => (long)_offset;

    public readonly ReadOnlySpan<byte> Payload => _payload;

    /// <summary>Null when a direction ends as it should.</summary>
    public readonly Ending? Ending => _reason == 0 ? null : Streaming.Ending.Said(_reason, _text);

    public static bool TryRead(ReadOnlySpan<byte> source, out StreamFrame frame)
    {
        frame = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case NumberField:
                    reader.Read(ref frame._number);
                    break;
                case OpenerField:
                    reader.Read(ref frame._fromOpener);
                    break;
                case OffsetField:
                    reader.Read(ref frame._offset);
                    break;
                case PayloadField when reader.Type == WireType.Bytes:
                    frame._payload = reader.Bytes;
                    break;
                case ReasonField:
                    reader.Read(ref frame._reason);
                    break;
                case TextField when reader.Type == WireType.Bytes:
                    frame._text = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed
            && frame._number != 0
            && frame._offset <= long.MaxValue
            && frame._payload.Length <= StreamPacket.MaxPayload
            && frame._text.Length <= MessageLimits.MaxErrorBytes;
    }

    /// <summary>Writes all but the payload.</summary>
    public static void Write(ref WireWriter writer, StreamKey key, long offset, in Ending? ending)
    {
        writer.Number(NumberField, key.Number);
        writer.Flag(OpenerField, key.IsOwn);
        writer.Number(OffsetField, (ulong)offset);
        if (ending is { } said)
        {
            writer.Number(ReasonField, (int)said.Reason);
            writer.Text(TextField, said.Text);
        }
    }

    /// <summary>Writes what comes before the bytes of the payload.</summary>
    public static void WritePayloadPrefix(ref WireWriter writer, int length)
    {
        writer.Key(PayloadField, WireType.Bytes);
        writer.Varint((ulong)length);
    }
}

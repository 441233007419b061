using Gossip.Membership;
using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>
/// Answers those who ask for broadcasts: datagrams with datagrams, frames on the connection that they came on. Large ones have a frame of their own each.
/// What is not answered, because it is too much at once, is asked for again.
/// </summary>
internal sealed class BroadcastAnswers(EngineContext context, BroadcastWindow window)
{
    /// <summary>How long ago the broadcast was sent, in milliseconds.</summary>
    public const int AgeField = 1;

    /// <summary>A message of kind <see cref="MessageKind.Broadcast"/>.</summary>
    public const int BodyField = 2;

    /// <summary>Keys and lengths around a copy.</summary>
    private const int Framing = 32;

    private readonly AnswerBudget _budget = new(BroadcastLimits.AnswerBurst, BroadcastLimits.AnswerBytesPerSecond);
    private int _bytes;
    private int _datagrams;

    /// <summary>The largest encoded broadcast that a datagram can answer with.</summary>
    public static int MaxInDatagram(EngineOptions options) => options.MaxDatagramSize - PacketHeader.Size - Framing;

    /// <summary>Whether the node may send so many bytes in answer now.</summary>
    public bool TryAfford(int bytes) => _budget.TryTake(bytes, context.Now.Ticks);

    public void OnWant(ReadOnlySpan<byte> body, in PacketSource source, Member sender)
    {
        _bytes = _datagrams = 0;
        var writer = Begin(source.IsStream);
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field != BroadcastQuestions.RangeField || reader.Type != WireType.Bytes || !BroadcastRange.TryRead(reader.Bytes, out var range)
                || !window.TryFind(range.Origin, out var origin))
            {
                continue;
            }

            for (var i = 0; i < range.Width; i++)
            {
                if (BroadcastRange.Has(range.Held, i) && origin.Find(range.First + (ulong)i) is { } kept && !TryAnswer(ref writer, kept, source, sender))
                {
                    Flush(ref writer, source, sender);
                    return;
                }
            }
        }

        Flush(ref writer, source, sender);
    }

    /// <summary>False when the answer is as large as it may be.</summary>
    private bool TryAnswer(ref WireWriter writer, KeptBroadcast kept, in PacketSource source, Member sender)
    {
        var size = kept.Body.Length;
        if ((_bytes > 0 && _bytes + size > BroadcastLimits.MaxAnswerBytes) || !TryAfford(size))
        {
            return false;
        }

        _bytes += size;
        if (size > MaxInDatagram(context.Options))
        {
            Flush(ref writer, source, sender);
            SendAlone(kept, source, sender);
            context.Options.BroadcastCounters.CountServed();
            writer = Begin(source.IsStream);
            return true;
        }

        var before = writer.Position;
        Write(ref writer, kept);
        if (writer.Overflowed)
        {
            writer.Rollback(before);
            Flush(ref writer, source, sender);
            writer = Begin(source.IsStream);
            if (_datagrams >= BroadcastLimits.MaxAnswerDatagrams)
            {
                return false;
            }

            Write(ref writer, kept);
        }

        context.Options.BroadcastCounters.CountServed();
        return true;
    }

    private WireWriter Begin(bool isStream) => isStream ? context.Packets.BeginFrame() : context.Packets.BeginDatagram();

    private void Flush(ref WireWriter writer, in PacketSource source, Member sender)
    {
        if (writer.Position > PacketHeader.Size)
        {
            _datagrams += source.IsStream ? 0 : 1;
            context.Packets.Reply(ref writer, source, sender);
        }
    }

    private void SendAlone(KeptBroadcast kept, in PacketSource source, Member sender)
    {
        var writer = context.Packets.BeginFrame(PacketHeader.Size + Framing + kept.Body.Length);
        Write(ref writer, kept);
        if (source.IsStream)
        {
            context.Packets.Reply(ref writer, source, sender);
        }
        else
        {
            context.Packets.Stream(ref writer, sender.Endpoint);
        }
    }

    private void Write(ref WireWriter writer, KeptBroadcast kept)
    {
        // The length is known before the body is written, which spares moving a large body behind a longer length.
        Span<byte> age = stackalloc byte[Framing];
        var start = new WireWriter(age);
        start.Number(AgeField, (ulong)Math.Max(0, (context.Now.Ticks - kept.SentAt) / TimeSpan.TicksPerMillisecond));
        start.Key(BodyField, WireType.Bytes);
        start.Varint((ulong)kept.Body.Length);
        writer.Key((int)MessageKind.BroadcastCopy, WireType.Bytes);
        writer.Varint((ulong)(start.Position + kept.Body.Length));
        writer.Raw(start.Written);
        writer.Raw(kept.Body);
    }
}

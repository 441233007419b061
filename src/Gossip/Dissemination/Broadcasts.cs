using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>How a broadcast was taken.</summary>
internal enum BroadcastOutcome
{
    Accepted,

    /// <summary>It does not fit a rumour, and nothing is kept that others could fetch; send it to each member instead.</summary>
    TooLarge,

    /// <summary>Too much is on its way; try again later.</summary>
    Busy,
}

/// <summary>
/// Users' broadcasts: each node passes one on and hands it up once. What fits a datagram travels as a rumour. What does not is offered by a
/// rumour, and each node fetches it from the one that it heard of it from, before it offers it in turn: the ways that rumours take are the tree.
/// </summary>
internal sealed class Broadcasts(EngineContext context, BroadcastWindow window, BroadcastRepair repair, BroadcastTiming timing)
{
    private const int OriginField = 1;
    private const int GenerationField = 2;
    private const int SequenceField = 3;
    private const int PayloadField = 4;

    /// <summary>Room for the header, the keys and the numbers around a payload.</summary>
    private const int Overhead = 64;

    /// <summary>The room that an offer takes.</summary>
    private const int OfferSize = 48;

    private readonly Queue<(long SentAt, int Bytes)> _spreading = new();
    private int _spreadingBytes;
    private ulong _sequence;

    /// <summary>The largest payload that travels as a rumour.</summary>
    public int MaxPayload => context.Options.MaxDatagramSize - PacketHeader.Size - Overhead;

    /// <summary>
    /// Whether a life is one of a known member, be it a past one, which may have sent something before it ended. Others are not listened to:
    /// a stranger could fill the memory with invented ones.
    /// </summary>
    public static bool IsLifeKnown(EngineContext context, NodeInstance origin) =>
        origin.Id != context.Self.Id && context.Table.TryFind(origin.Id, out var member) && member.Instance.Generation >= origin.Generation;

    public BroadcastOutcome TrySend(ReadOnlySpan<byte> payload)
    {
        var isLarge = payload.Length > MaxPayload;
        if (isLarge && (!window.IsOn || payload.Length > BroadcastLimits.MaxBody - Overhead))
        {
            return BroadcastOutcome.TooLarge;
        }

        if (!context.Rumours.HasRoomFor(isLarge ? OfferSize : payload.Length + Overhead) || !HasRoomToSpread(payload.Length))
        {
            return BroadcastOutcome.Busy;
        }

        _sequence++;
        Span<byte> start = stackalloc byte[Overhead];
        var writer = new WireWriter(start);
        writer.Id(OriginField, context.Self.Id);
        writer.Number(GenerationField, context.Self.Instance.Generation);
        writer.Number(SequenceField, _sequence);
        writer.Key(PayloadField, WireType.Bytes);
        writer.Varint((ulong)payload.Length);
        byte[] body = [.. writer.Written, .. payload];
        Keep(context.Self.Instance, _sequence, body, age: 0);
        Tell(context.Self.Instance, _sequence, body);
        return BroadcastOutcome.Accepted;
    }

    /// <summary>A rumour brought a broadcast.</summary>
    public void OnBroadcast(ReadOnlySpan<byte> body) => Take(body, age: 0, isRumour: true);

    /// <summary>Somebody who was asked sent a broadcast.</summary>
    public void OnCopy(ReadOnlySpan<byte> body)
    {
        ulong age = 0;
        ReadOnlySpan<byte> broadcast = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case BroadcastAnswers.AgeField:
                    reader.Read(ref age);
                    break;
                case BroadcastAnswers.BodyField:
                    reader.Read(ref broadcast);
                    break;
            }
        }

        if (!reader.Malformed && window.IsOn)
        {
            var longest = (ulong)timing.Window.TotalMilliseconds;
            Take(broadcast, (long)Math.Min(age, longest) * TimeSpan.TicksPerMillisecond, isRumour: false);
        }
    }

    private void Take(ReadOnlySpan<byte> body, long age, bool isRumour)
    {
        NodeId origin = default;
        ulong generation = 0, sequence = 0;
        ReadOnlySpan<byte> payload = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OriginField:
                    reader.Read(ref origin);
                    break;
                case GenerationField:
                    reader.Read(ref generation);
                    break;
                case SequenceField:
                    reader.Read(ref sequence);
                    break;
                case PayloadField:
                    reader.Read(ref payload);
                    break;
            }
        }

        var instance = new NodeInstance(origin, generation);
        if (reader.Malformed || sequence == 0 || body.Length > Largest || !IsLifeKnown(context, instance) || !window.TryMark(instance, sequence))
        {
            return;
        }

        // One copy, of which nothing changes: what is kept, what is passed on and what is handed up share it.
        var kept = body.ToArray();
        var asked = repair.OnArrived(instance, sequence);
        Count(asked, isRumour);
        Keep(instance, sequence, kept, age);
        if (isRumour || asked is { IsFresh: true })
        {
            Tell(instance, sequence, kept);
        }

        var handedUp = body.Overlaps(payload, out var offset) ? kept.AsMemory(offset, payload.Length) : default;
        context.Outbox.Events.Add(new EngineEvent(EngineEventKind.BroadcastReceived) { Subject = instance, Payload = handedUp });
    }

    private int Largest => window.IsOn ? BroadcastLimits.MaxBody : MaxPayload + Overhead;

    private bool FitsRumour(int bodyLength) => bodyLength <= MaxPayload + Overhead;

    private void Count(WantedBroadcast? asked, bool isRumour)
    {
        if (asked is null || isRumour)
        {
            return;
        }

        if (asked.IsFresh)
        {
            context.Options.BroadcastCounters.CountFetched();
        }
        else
        {
            context.Options.BroadcastCounters.CountRepaired();
        }
    }

    private void Keep(NodeInstance origin, ulong sequence, byte[] body, long age)
    {
        if (window.IsOn)
        {
            var now = context.Now.Ticks;
            window.Keep(origin, sequence, body, now - age, body.Length > BroadcastAnswers.MaxInDatagram(context.Options), now);
            repair.Hurry();
        }
    }

    /// <summary>Has others told, unless what this node's own users were promised would have to make room for it.</summary>
    private void Tell(NodeInstance origin, ulong sequence, byte[] body)
    {
        if (FitsRumour(body.Length))
        {
            if (context.Rumours.HasRoomFor(body.Length))
            {
                context.Rumours.TellBroadcast(origin.Id, sequence, body);
            }
        }
        else if (context.Rumours.HasRoomFor(OfferSize))
        {
            ReadOnlySpan<byte> one = [1];
            Span<byte> offer = stackalloc byte[OfferSize];
            var writer = new WireWriter(offer);
            BroadcastRange.WriteFields(ref writer, new BroadcastRange { Origin = origin, First = sequence, Held = one, Large = one });
            context.Rumours.TellOffer(origin.Id, sequence, writer.Written.ToArray());
        }
    }

    /// <summary>
    /// What was sent a moment ago, by this node most of all, must not be pushed out of all windows by what it sends now. Numbers count, too, for of each
    /// origin only so many are kept.
    /// </summary>
    private bool HasRoomToSpread(int bytes)
    {
        if (!window.IsOn)
        {
            return true;
        }

        var settled = context.Now.Ticks - timing.Settling(context.Table.PresentCount).Ticks;
        while (_spreading.TryPeek(out var first) && first.SentAt <= settled)
        {
            _spreading.Dequeue();
            _spreadingBytes -= first.Bytes;
        }

        if (window.PushesOut(bytes, settled))
        {
            return false;
        }

        if (_spreading.Count > 0
            && (_spreading.Count >= BroadcastLimits.PerOrigin || _spreadingBytes + bytes > context.Options.MaxBroadcastBytes / BroadcastLimits.OwnShare))
        {
            return false;
        }

        _spreading.Enqueue((context.Now.Ticks, bytes));
        _spreadingBytes += bytes;
        return true;
    }
}

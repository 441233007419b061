using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>How a broadcast was taken.</summary>
internal enum BroadcastOutcome
{
    Accepted,

    /// <summary>It does not fit a rumour; send it to each member instead.</summary>
    TooLarge,

    /// <summary>The queue is full; try again later.</summary>
    Busy,
}

/// <summary>Users' broadcasts as rumours: each node passes one on and hands it up once.</summary>
internal sealed class Broadcasts(EngineContext context)
{
    private const int OriginField = 1;
    private const int GenerationField = 2;
    private const int SequenceField = 3;
    private const int PayloadField = 4;

    /// <summary>Room for the header, the keys and the numbers around a payload.</summary>
    private const int Overhead = 64;

    /// <summary>Origins whose broadcasts are remembered; beyond it the one that was heard of first is forgotten.</summary>
    private const int MaxOrigins = 16 * 1024;

    private readonly Dictionary<NodeInstance, SequenceWindow> _seen = [];
    private readonly Queue<NodeInstance> _order = new();
    private ulong _sequence;

    public int MaxPayload => context.Options.MaxDatagramSize - PacketHeader.Size - Overhead;

    public BroadcastOutcome TrySend(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayload)
        {
            return BroadcastOutcome.TooLarge;
        }

        if (!context.Rumours.HasRoomFor(payload.Length + Overhead))
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
        context.Rumours.TellBroadcast(context.Self.Id, _sequence, [.. writer.Written, .. payload]);
        return BroadcastOutcome.Accepted;
    }

    public void OnBroadcast(ReadOnlySpan<byte> body)
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

        if (reader.Malformed || origin.IsNone || origin == context.Self.Id || body.Length > MaxPayload + Overhead)
        {
            return;
        }

        // Only known lives are listened to: otherwise a stranger could fill the memory with invented ones.
        var instance = new NodeInstance(origin, generation);
        if (!context.Table.TryFind(origin, out var member) || member.Instance != instance || !Window(instance).TryMark(sequence))
        {
            return;
        }

        // One copy, of which nothing changes: what is passed on and what is handed up share it.
        var kept = body.ToArray();
        if (context.Rumours.HasRoomFor(body.Length))
        {
            // What this node's own users were promised must not make room for what others pass on.
            context.Rumours.TellBroadcast(origin, sequence, kept);
        }

        var handedUp = body.Overlaps(payload, out var offset) ? kept.AsMemory(offset, payload.Length) : default;
        context.Outbox.Events.Add(new EngineEvent(EngineEventKind.BroadcastReceived) { Subject = instance, Payload = handedUp });
    }

    private SequenceWindow Window(NodeInstance origin)
    {
        if (_seen.TryGetValue(origin, out var window))
        {
            return window;
        }

        if (_seen.Count >= MaxOrigins)
        {
            _seen.Remove(_order.Dequeue());
        }

        window = new SequenceWindow();
        _seen.Add(origin, window);
        _order.Enqueue(origin);
        return window;
    }
}

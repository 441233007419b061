using System.Diagnostics.CodeAnalysis;

namespace Gossip.Dissemination;

/// <summary>
/// The broadcasts that this node has seen: it keeps their bytes for a while, so that others can have them from it, and remembers their numbers
/// for much longer, so that none is handed up twice. Bounded by age, bytes and count; the oldest make room.
/// </summary>
internal sealed class BroadcastWindow(long length, int maxBytes, BroadcastCounters counters)
{
    private readonly Dictionary<NodeInstance, BroadcastOrigin> _origins = [];
    private readonly Queue<BroadcastOrigin> _order = new();
    private readonly PriorityQueue<KeptBroadcast, long> _byAge = new();
    private readonly List<KeptBroadcast> _outdated = [];
    private readonly List<BroadcastOrigin> _holding = [];

    /// <summary>Whether anything is kept at all.</summary>
    public bool IsOn => length > 0;

    public int Count => _byAge.Count;

    public int Bytes { get; private set; }

    /// <summary>The origins of which something is kept. A list, so that to walk it takes no memory.</summary>
    public List<BroadcastOrigin> Holding => _holding;

    public bool TryFind(NodeInstance instance, [NotNullWhen(true)] out BroadcastOrigin? origin) => _origins.TryGetValue(instance, out origin);

    /// <summary>Whether a broadcast was not seen, and is not so old that nobody can say.</summary>
    public bool IsMissing(NodeInstance instance, ulong sequence) =>
        !_origins.TryGetValue(instance, out var origin) || (origin.IsRecent(sequence) && !origin.Seen.IsMarked(sequence));

    /// <summary>Marks a broadcast as seen. True when it was not before.</summary>
    public bool TryMark(NodeInstance instance, ulong sequence) => OriginOf(instance).Seen.TryMark(sequence);

    /// <summary>Keeps a broadcast that was marked.</summary>
    public void Keep(NodeInstance instance, ulong sequence, byte[] body, long sentAt, bool isLarge, long now)
    {
        var origin = OriginOf(instance);
        origin.MakeRoom(sequence, _outdated);
        foreach (var outdated in _outdated)
        {
            _byAge.Remove(outdated, out _, out _);
            Drop(outdated);
        }

        _outdated.Clear();
        if (now - sentAt >= length || !origin.IsRecent(sequence) || body.Length > maxBytes || origin.Find(sequence) is not null)
        {
            return;
        }

        while (Count >= BroadcastLimits.MaxKept || Bytes + body.Length > maxBytes)
        {
            Drop(_byAge.Dequeue());
        }

        var kept = new KeptBroadcast(origin, sequence, body, sentAt, isLarge);
        _byAge.Enqueue(kept, sentAt);
        if (origin.Count == 0)
        {
            origin.Place = _holding.Count;
            _holding.Add(origin);
        }

        origin.Add(kept);
        Bytes += body.Length;
        counters.Hold(Count, Bytes);
    }

    /// <summary>Whether so many bytes more would push out what was sent after some time.</summary>
    public bool PushesOut(int bytes, long sentAfter) =>
        (Count >= BroadcastLimits.MaxKept || Bytes + bytes > maxBytes) && _byAge.TryPeek(out _, out var sentAt) && sentAt > sentAfter;

    /// <summary>Lets go of what is older than the window.</summary>
    public void Expire(long now)
    {
        while (_byAge.TryPeek(out _, out var sentAt) && now - sentAt >= length)
        {
            Forget(_byAge.Dequeue());
        }

        counters.Hold(Count, Bytes);
    }

    private void Drop(KeptBroadcast kept)
    {
        counters.CountDropped();
        Forget(kept);
    }

    private void Forget(KeptBroadcast kept)
    {
        var origin = kept.Origin;
        origin.Remove(kept);
        Bytes -= kept.Body.Length;
        if (origin.Count == 0)
        {
            _holding[^1].Place = origin.Place;
            _holding[origin.Place] = _holding[^1];
            _holding.RemoveAt(_holding.Count - 1);
            origin.Place = -1;
        }
    }

    private BroadcastOrigin OriginOf(NodeInstance instance)
    {
        if (_origins.TryGetValue(instance, out var origin))
        {
            return origin;
        }

        while (_origins.Count >= BroadcastLimits.MaxOrigins)
        {
            // Of whom something is kept, others may have it, too, and offer it: its numbers must not be forgotten.
            var first = _order.Dequeue();
            if (first.Count > 0)
            {
                _order.Enqueue(first);
            }
            else
            {
                _origins.Remove(first.Instance);
            }
        }

        origin = new BroadcastOrigin(instance);
        _origins.Add(instance, origin);
        _order.Enqueue(origin);
        return origin;
    }
}

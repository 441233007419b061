namespace Gossip.Dissemination;

/// <summary>One broadcast that is kept for those who miss it.</summary>
internal sealed class KeptBroadcast(BroadcastOrigin origin, ulong sequence, byte[] body, long sentAt, bool isLarge)
{
    public BroadcastOrigin Origin { get; } = origin;

    public ulong Sequence { get; } = sequence;

    /// <summary>The encoded message, as it came.</summary>
    public byte[] Body { get; } = body;

    /// <summary>When it was sent, by this node's clock.</summary>
    public long SentAt { get; } = sentAt;

    /// <summary>Whether it does not fit a datagram of this node.</summary>
    public bool IsLarge { get; } = isLarge;
}

/// <summary>What is known of one origin's broadcasts: which were seen, and which of the latest are kept.</summary>
internal sealed class BroadcastOrigin(NodeInstance instance)
{
    private const int Size = BroadcastLimits.PerOrigin;

    private KeptBroadcast?[] _kept = [];
    private ulong _highest;

    public NodeInstance Instance { get; } = instance;

    public SequenceWindow Seen { get; } = new();

    /// <summary>How many are kept.</summary>
    public int Count { get; private set; }

    /// <summary>The place among the origins that have some; negative without.</summary>
    public int Place { get; set; } = -1;

    /// <summary>The comparison that looked at this origin last, and whether the other side lacked something then.</summary>
    public (long Number, bool Lacks) Compared { get; set; }

    public KeptBroadcast? Find(ulong sequence) =>
        Count > 0 && _kept[sequence % Size] is { } kept && kept.Sequence == sequence ? kept : null;

    /// <summary>Whether a number is among those that can be kept.</summary>
    public bool IsRecent(ulong sequence) => sequence > _highest || _highest - sequence < Size;

    /// <summary>Takes a number among the latest, and says which one had its place, because it is too old by now.</summary>
    public void MakeRoom(ulong sequence, List<KeptBroadcast> outdated)
    {
        if (sequence <= _highest)
        {
            return;
        }

        if (Count > 0)
        {
            for (var steps = Math.Min(sequence - _highest, Size); steps > 0; steps--)
            {
                if (_kept[(sequence - steps + 1) % Size] is { } kept)
                {
                    outdated.Add(kept);
                }
            }
        }

        _highest = sequence;
    }

    public void Add(KeptBroadcast kept)
    {
        if (_kept.Length == 0)
        {
            _kept = new KeptBroadcast?[Size];
        }

        _kept[kept.Sequence % Size] = kept;
        Count++;
    }

    public void Remove(KeptBroadcast kept)
    {
        _kept[kept.Sequence % Size] = null;
        Count--;
        if (Count == 0)
        {
            _kept = []; // most origins send now and then
        }
    }

    /// <summary>Whether the other side, which has what the range says, lacks any of those that are kept.</summary>
    public bool IsMoreThan(in BroadcastRange theirs)
    {
        foreach (var kept in _kept)
        {
            if (kept is not null && !theirs.Contains(kept.Sequence))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is kept, as bitmaps in the memory given. Only for an origin that has some.</summary>
    public BroadcastRange ToRange(Span<byte> held, Span<byte> large)
    {
        held.Clear();
        large.Clear();
        var first = ulong.MaxValue;
        foreach (var kept in _kept)
        {
            first = Math.Min(first, kept?.Sequence ?? ulong.MaxValue);
        }

        foreach (var kept in _kept)
        {
            if (kept is null)
            {
                continue;
            }

            BroadcastRange.Set(held, (int)(kept.Sequence - first));
            if (kept.IsLarge)
            {
                BroadcastRange.Set(large, (int)(kept.Sequence - first));
            }
        }

        return new BroadcastRange { Origin = Instance, First = first, Held = held, Large = large };
    }
}

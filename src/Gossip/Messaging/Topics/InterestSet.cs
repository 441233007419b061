using System.Text;

namespace Gossip.Messaging;

/// <summary>
/// What one node is interested in, under a version that rises with each change. Several subscriptions to the same count once. Guarded by its owner.
/// </summary>
internal sealed class InterestSet
{
    /// <summary>Keys and lengths of an entry and of its two texts.</summary>
    private const int EntryFraming = 12;

    private readonly Dictionary<Interest, int> _counts = [];
    private int _size;
    private ReadOnlyMemory<byte>? _encoded;

    /// <summary>Zero until the first change.</summary>
    public ulong Version { get; private set; }

    public int Count => _counts.Count;

    /// <summary>All of it as others get it.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded ??= InterestFormat.Encode(Version, _counts.Keys);

    /// <summary>Adds an interest once more.</summary>
    /// <exception cref="SubscriptionLimitException">There would be too many; nothing was changed.</exception>
    public void Add(in Interest interest)
    {
        if (_counts.TryGetValue(interest, out var count))
        {
            _counts[interest] = count + 1;
            return;
        }

        var size = _size + SizeOf(interest);
        if (_counts.Count == TopicLimits.MaxSubscriptions)
        {
            throw new SubscriptionLimitException($"The node has {_counts.Count} different subscriptions, and at most {TopicLimits.MaxSubscriptions} are allowed: use wildcards, or dispose of some.");
        }

        if (size > TopicLimits.MaxSetBytes)
        {
            throw new SubscriptionLimitException($"All subscriptions of the node would take {size} bytes, and at most {TopicLimits.MaxSetBytes} are allowed: use wildcards or shorter names, or dispose of some.");
        }

        _counts.Add(interest, 1);
        Change(size);
    }

    /// <summary>Takes an interest back once.</summary>
    public void Remove(in Interest interest)
    {
        var count = _counts[interest];
        if (count > 1)
        {
            _counts[interest] = count - 1;
            return;
        }

        _counts.Remove(interest);
        Change(_size - SizeOf(interest));
    }

    private void Change(int size)
    {
        _size = size;
        _encoded = null;
        Version++;
    }

    private static int SizeOf(in Interest interest) =>
        EntryFraming + Encoding.UTF8.GetByteCount(interest.Pattern) + Encoding.UTF8.GetByteCount(interest.Group ?? "");
}

using System.Diagnostics.CodeAnalysis;

namespace Gossip.Dissemination;

/// <summary>
/// Finds rumours by their keys. The chains lead through the rumours themselves: entries of a dictionary would take as much memory again.
/// </summary>
internal sealed class RumourIndex
{
    private const int InitialBuckets = 16;

    private Rumour?[] _buckets = new Rumour?[InitialBuckets];

    public int Count { get; private set; }

    public bool TryGet(RumourKey key, [NotNullWhen(true)] out Rumour? rumour)
    {
        rumour = _buckets[BucketOf(key)];
        while (rumour is not null && rumour.Key != key)
        {
            rumour = rumour.NextInBucket;
        }

        return rumour is not null;
    }

    /// <summary>Adds a rumour whose key is not there.</summary>
    public void Add(Rumour rumour)
    {
        if (Count == _buckets.Length)
        {
            Grow();
        }

        Count++;
        Link(rumour);
    }

    public void Remove(Rumour rumour)
    {
        ref var head = ref _buckets[BucketOf(rumour.Key)];
        if (head == rumour)
        {
            head = rumour.NextInBucket;
        }
        else
        {
            var before = head!;
            while (before.NextInBucket != rumour)
            {
                before = before.NextInBucket!;
            }

            before.NextInBucket = rumour.NextInBucket;
        }

        rumour.NextInBucket = null;
        Count--;
    }

    private void Grow()
    {
        var old = _buckets;
        _buckets = new Rumour?[old.Length * 2];
        foreach (var head in old)
        {
            var rumour = head;
            while (rumour is not null)
            {
                var next = rumour.NextInBucket;
                Link(rumour);
                rumour = next;
            }
        }
    }

    private void Link(Rumour rumour)
    {
        ref var head = ref _buckets[BucketOf(rumour.Key)];
        rumour.NextInBucket = head;
        head = rumour;
    }

    /// <summary>There is a power of two of buckets.</summary>
    private int BucketOf(RumourKey key) => key.GetHashCode() & (_buckets.Length - 1);
}

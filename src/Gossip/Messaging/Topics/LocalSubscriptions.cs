namespace Gossip.Messaging;

/// <summary>The subscriptions of this node, and what others have to know of them. All members may be called from any thread.</summary>
internal sealed class LocalSubscriptions
{
    private readonly Lock _gate = new();
    private readonly TopicTrie<TopicSubscription> _trie = new();
    private readonly InterestSet _interests = new();
    private uint _turn;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _interests.Count;
            }
        }
    }

    public ulong Version
    {
        get
        {
            lock (_gate)
            {
                return _interests.Version;
            }
        }
    }

    /// <summary>All interests of this node as others get them.</summary>
    public ReadOnlyMemory<byte> Encoded
    {
        get
        {
            lock (_gate)
            {
                return _interests.Encoded;
            }
        }
    }

    /// <summary>Adds a subscription.</summary>
    /// <returns>The version of the interests that has it.</returns>
    /// <exception cref="SubscriptionLimitException">There would be too many; nothing was changed.</exception>
    public ulong Add(TopicSubscription subscription)
    {
        lock (_gate)
        {
            _interests.Add(subscription.Interest);
            _trie.Add(subscription.Interest.Pattern, subscription);
            return _interests.Version;
        }
    }

    /// <summary>Takes a subscription back.</summary>
    /// <returns>The version of the interests that does not have it.</returns>
    public ulong Remove(TopicSubscription subscription)
    {
        lock (_gate)
        {
            if (_trie.Remove(subscription.Interest.Pattern, subscription))
            {
                _interests.Remove(subscription.Interest);
            }

            return _interests.Version;
        }
    }

    /// <summary>Who on this node subscribes to a topic, as others would see it.</summary>
    public void Match(string topic, NodeInstance self, List<Subscriber> found)
    {
        foreach (var subscription in Match(topic))
        {
            found.Add(new Subscriber(self, subscription.Interest.Group));
        }
    }

    /// <summary>
    /// Chooses those who take a publication: all that subscribe for themselves, and one for each queue group that this node serves. All groups are served or none, and then nobody may be handed the publication: its publisher turns to other nodes.
    /// </summary>
    /// <param name="publication">The publication; its duties are this node's.</param>
    /// <param name="chosen">Those who take it, with a place kept for it.</param>
    /// <param name="full">How many that subscribe for themselves have no place for it.</param>
    /// <returns>Null, or why not all groups can be served; then no place is kept.</returns>
    public Answer? Choose(in Publication publication, out List<TopicSubscription> chosen, out int full)
    {
        chosen = [];
        full = 0;
        var found = Match(publication.Topic);
        var size = publication.Payload.Size;
        foreach (var duty in publication.Duties)
        {
            var members = found.FindAll(subscription => subscription.Interest.Group == duty.Group);
            if (TryReserveOne(members, size) is { } taker)
            {
                chosen.Add(taker);
                continue;
            }

            chosen.ForEach(taker => taker.Consumer.Release(size));
            chosen.Clear();
            return members.Count == 0
                ? new Answer(SendOutcome.NoHandler, $"nobody here is in queue group '{duty.Group}' for '{publication.Topic}'")
                : Answer.Refused(TopicInbox.Full);
        }

        if (!publication.GroupsOnly)
        {
            foreach (var subscription in found.FindAll(static subscription => subscription.Interest.Group is null).DistinctBy(static subscription => subscription.Consumer))
            {
                if (subscription.Consumer.TryReserve(size))
                {
                    chosen.Add(subscription);
                }
                else
                {
                    full++;
                }
            }
        }

        return null;
    }

    private TopicSubscription? TryReserveOne(List<TopicSubscription> members, int size)
    {
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < members.Count; i++)
        {
            var member = members[(int)((turn + (uint)i) % (uint)members.Count)];
            if (member.Consumer.TryReserve(size))
            {
                return member;
            }
        }

        return null;
    }

    private List<TopicSubscription> Match(string topic)
    {
        List<TopicSubscription> found = [];
        lock (_gate)
        {
            _trie.Match(topic, found);
        }

        return found;
    }
}

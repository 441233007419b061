namespace Gossip.Wire;

/// <summary>
/// The sessions of one path: bounded, and the one least recently used makes room. Only senders whose packets opened get in, so strangers cannot
/// push members out.
/// </summary>
internal sealed class SealSessions(int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SealSessionId, LinkedListNode<SealSession>> _byId = [];
    private readonly LinkedList<SealSession> _byUse = new(); // the latest first

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>How many sessions hold a cipher: all but those whose key was removed.</summary>
    public int CipherCount
    {
        get
        {
            lock (_gate)
            {
                return _byUse.Count(session => session.HasCipher);
            }
        }
    }

    public SealSession? Find(in SealSessionId id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var node))
            {
                return null;
            }

            if (node != _byUse.First)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }

            return node.Value;
        }
    }

    /// <summary>Keeps a new session, unless another thread was quicker: then that one is returned, for a sender has one window.</summary>
    public SealSession Keep(SealSession candidate)
    {
        SealSession? surplus = null;
        var kept = candidate;
        lock (_gate)
        {
            if (_byId.TryGetValue(candidate.Id, out var known))
            {
                kept = known.Value;
                surplus = candidate;
            }
            else
            {
                if (_byId.Count == capacity)
                {
                    surplus = _byUse.Last!.Value;
                    _byUse.RemoveLast();
                    _byId.Remove(surplus.Id);
                }

                _byId.Add(candidate.Id, _byUse.AddFirst(candidate));
            }
        }

        surplus?.Dispose();
        return kept;
    }

    /// <summary>Lets go of the ciphers of keys that are not in the ring.</summary>
    public void DropCiphers(KeyRing ring)
    {
        lock (_gate)
        {
            foreach (var session in _byUse)
            {
                if (!ring.Contains(session.Id.Key))
                {
                    session.DropCipher();
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var session in _byUse)
            {
                session.Dispose();
            }

            _byUse.Clear();
            _byId.Clear();
        }
    }
}

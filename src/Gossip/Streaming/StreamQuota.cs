namespace Gossip.Streaming;

/// <summary>How many streams there are, with each node and altogether, against the limits. A place is given back when a stream is over and its handler has ended.</summary>
internal sealed class StreamQuota(int limit, int limitPerPeer)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, int> _peers = [];
    private int _count;
    private TaskCompletionSource? _idle;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>How many nodes have a place; none remains when there is no stream.</summary>
    public int Peers
    {
        get
        {
            lock (_gate)
            {
                return _peers.Count;
            }
        }
    }

    public bool TryTake(NodeId peer)
    {
        lock (_gate)
        {
            var own = _peers.GetValueOrDefault(peer);
            if (_count >= limit || own >= limitPerPeer)
            {
                return false;
            }

            _peers[peer] = own + 1;
            _count++;
            return true;
        }
    }

    public void GiveBack(NodeId peer)
    {
        lock (_gate)
        {
            if (--_peers[peer] == 0)
            {
                _peers.Remove(peer);
            }

            if (--_count == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }
        }
    }

    /// <summary>Completes when there is no stream.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _count == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}

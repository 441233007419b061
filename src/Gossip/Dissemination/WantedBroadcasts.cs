using Gossip.Transport;

namespace Gossip.Dissemination;

/// <summary>A broadcast that this node has not got, though others have.</summary>
internal sealed class WantedBroadcast(NodeInstance origin, ulong sequence, bool isLarge, bool isFresh)
{
    public NodeInstance Origin { get; } = origin;

    public ulong Sequence { get; } = sequence;

    /// <summary>Whether it comes over a stream, and takes its time.</summary>
    public bool IsLarge { get; } = isLarge;

    /// <summary>Whether a rumour told of it: then it is news, and passed on as such.</summary>
    public bool IsFresh { get; } = isFresh;

    /// <summary>Who said last that it has it, and was not asked yet.</summary>
    public NodeId Holder { get; set; }

    /// <summary>Who was asked last.</summary>
    public NodeId Asked { get; set; }

    /// <summary>Where that one is.</summary>
    public NodeEndpoint AskedAt { get; set; }

    public int Asks { get; set; }

    /// <summary>Whether an answer is awaited.</summary>
    public bool IsAsked { get; set; }

    /// <summary>When it is asked for, or for the next time.</summary>
    public long Due { get; set; }
}

/// <summary>What this node lacks and somebody has: each is asked for at one member at a time, and so many at once.</summary>
internal sealed class WantedBroadcasts
{
    private readonly Dictionary<(NodeInstance Origin, ulong Sequence), WantedBroadcast> _wanted = [];
    private int _small;
    private int _large;
    private bool _someWait;

    /// <summary>When <see cref="TakeDue"/> must be called next.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    public int Count => _wanted.Count;

    /// <summary>Notes that a member has a broadcast that this node lacks; forgotten when there are too many, for it will be announced again.</summary>
    public void Note(NodeInstance origin, ulong sequence, NodeId holder, bool isLarge, bool isFresh, long now)
    {
        if (_wanted.TryGetValue((origin, sequence), out var known))
        {
            known.Holder = known.Asked == holder ? known.Holder : holder;
        }
        else if (_wanted.Count < BroadcastLimits.MaxWanted)
        {
            _wanted.Add((origin, sequence), new WantedBroadcast(origin, sequence, isLarge, isFresh) { Holder = holder, Due = now });
            NextDeadline = Math.Min(NextDeadline, now);
        }
    }

    /// <summary>A broadcast came, whether from the one that was asked or not.</summary>
    public WantedBroadcast? Remove(NodeInstance origin, ulong sequence, long now)
    {
        if (!_wanted.Remove((origin, sequence), out var wanted))
        {
            return null;
        }

        Settle(wanted);
        if (_someWait)
        {
            NextDeadline = Math.Min(NextDeadline, now); // there may be room for another
        }

        return wanted;
    }

    /// <summary>A member cannot be reached: what it was asked for is asked for elsewhere.</summary>
    public void OnLost(in NodeEndpoint endpoint, long now)
    {
        foreach (var wanted in _wanted.Values)
        {
            if (wanted.IsAsked && wanted.AskedAt == endpoint)
            {
                wanted.Due = now;
                NextDeadline = now;
            }
        }
    }

    /// <summary>Takes what is to be asked for now, as far as there is room on the way; each must be passed to <see cref="OnAsked"/>.</summary>
    public void TakeDue(long now, List<WantedBroadcast> due)
    {
        NextDeadline = long.MaxValue;
        _someWait = false;
        foreach (var wanted in _wanted.Values)
        {
            if (wanted.Due <= now)
            {
                Settle(wanted);
                if (wanted.Asks >= BroadcastLimits.MaxAsks)
                {
                    _wanted.Remove((wanted.Origin, wanted.Sequence));
                }
            }
        }

        foreach (var wanted in _wanted.Values)
        {
            if (wanted.Due > now)
            {
                NextDeadline = Math.Min(NextDeadline, wanted.Due);
            }
            else if (wanted.IsLarge ? _large < BroadcastLimits.MaxLargeAsked : _small < BroadcastLimits.MaxSmallAsked)
            {
                wanted.IsAsked = true;
                _ = wanted.IsLarge ? _large++ : _small++;
                due.Add(wanted);
            }
            else
            {
                _someWait = true; // an answer, or its absence, makes room
            }
        }
    }

    /// <summary>Notes who was asked, and until when an answer is awaited.</summary>
    public void OnAsked(WantedBroadcast wanted, NodeId asked, in NodeEndpoint at, long until)
    {
        wanted.Asked = asked;
        wanted.AskedAt = at;
        wanted.Holder = default;
        wanted.Asks++;
        wanted.Due = until;
        NextDeadline = Math.Min(NextDeadline, until);
    }

    public void Clear()
    {
        _wanted.Clear();
        _small = _large = 0;
        _someWait = false;
        NextDeadline = long.MaxValue;
    }

    private void Settle(WantedBroadcast wanted)
    {
        if (wanted.IsAsked)
        {
            wanted.IsAsked = false;
            _ = wanted.IsLarge ? _large-- : _small--;
        }
    }
}

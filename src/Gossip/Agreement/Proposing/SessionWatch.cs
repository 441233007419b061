using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// Finds the sessions that asked nothing for so long that none of their changes can be under way. Measured by the proposer's own clock from when
/// it began to lead, so a clock that jumps, or a change of proposers, only keeps them longer.
/// </summary>
internal sealed class SessionWatch(TimeSpan retention)
{
    /// <summary>How often in its retention a session is looked at.</summary>
    private const int Looks = 8;

    private readonly Dictionary<NodeInstance, long> _lastUsed = [];
    private long _nextLook;

    /// <summary>A new proposer knows nothing of what happened before.</summary>
    public void Begin(long now)
    {
        _lastUsed.Clear();
        _nextLook = now + (retention.Ticks / Looks);
    }

    public void Used(NodeInstance session, long now) => _lastUsed[session] = now;

    /// <summary>The sessions of the value that can be forgotten.</summary>
    public ImmutableArray<NodeInstance> Expired(RegisterValue value, long now)
    {
        if (now < _nextLook)
        {
            return [];
        }

        _nextLook = now + (retention.Ticks / Looks);
        var expired = ImmutableArray.CreateBuilder<NodeInstance>();
        foreach (var (session, _) in value.Sessions.All)
        {
            if (!_lastUsed.TryGetValue(session, out var last))
            {
                _lastUsed[session] = now;
            }
            else if (now - last >= retention.Ticks)
            {
                expired.Add(session);
                _lastUsed.Remove(session);
            }
        }

        return expired.ToImmutable();
    }
}

using Gossip.Node;
using Gossip.Transport;

namespace Gossip.Membership;

/// <summary>
/// The addresses of the dead whom the table has forgotten. The node joins them now and then, for ever and less and less often, so that the sides
/// of a cut find each other however long it lasts, also when no seed lies on the other side.
/// </summary>
internal sealed class FormerMembers(EngineContext context, JoinProtocol join)
{
    /// <summary>How many are kept, the latest deaths first: enough to find one of the other side, in a cluster whose addresses never return.</summary>
    public const int Capacity = 64;

    private readonly List<Former> _former = [];
    private long _lastToken;

    public int Count => _former.Count;

    /// <summary>Keeps the address of a member that the table is about to forget. Whoever left, or was forgotten by an operator, has left and is not looked for.</summary>
    public void Remember(Member member)
    {
        if (member.State != MemberState.Dead || member.Endpoint.IsNone)
        {
            return;
        }

        Forget(member.Endpoint);
        if (_former.Count == Capacity)
        {
            _former.RemoveAt(0);
        }

        _former.Add(new Former(member.Endpoint, member.StateSince, NextAttempt(member.StateSince)));
    }

    /// <summary>Joins those whose time has come, unless the table knows who is at their address, dead or alive.</summary>
    public void OnTick()
    {
        var now = context.Now.Ticks;
        for (var i = _former.Count - 1; i >= 0; i--)
        {
            var former = _former[i];
            if (former.NextAttempt > now)
            {
                continue;
            }

            if (IsKnown(former.Endpoint))
            {
                _former.RemoveAt(i);
            }
            else
            {
                _former[i] = former with { NextAttempt = NextAttempt(former.DiedAt) };
                join.Join(former.Endpoint, --_lastToken); // negative: nobody waits for the result
            }
        }
    }

    private long NextAttempt(long diedAt)
    {
        var interval = Reconnector.Decay(context.Now.Ticks - diedAt);
        return context.Now.Ticks + interval + context.Random.NextTicks(interval);
    }

    private bool IsKnown(in NodeEndpoint endpoint)
    {
        foreach (var member in context.Table.All)
        {
            if (member.Endpoint == endpoint)
            {
                return true;
            }
        }

        return false;
    }

    private void Forget(NodeEndpoint endpoint) => _former.RemoveAll(former => former.Endpoint == endpoint);

    private readonly record struct Former(NodeEndpoint Endpoint, long DiedAt, long NextAttempt);
}

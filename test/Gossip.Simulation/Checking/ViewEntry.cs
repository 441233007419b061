using Gossip.Membership;

namespace Gossip.Simulation;

/// <summary>What an observer last knew about a member.</summary>
internal struct ViewEntry
{
    public Member? Member;
    public SimNode? Subject;
    public ulong Generation;
    public ulong Incarnation;
    public MemberState State;

    /// <summary>The state that the events told so far lead to.</summary>
    public MemberState Told;
}

namespace Gossip;

/// <summary>What a node believes about a member.</summary>
public enum MemberState
{
    /// <summary>The member is starting and is not yet part of the cluster. Only a node's own view of itself has this state.</summary>
    Joining = 0,

    /// <summary>The member answers probes.</summary>
    Alive = 1,

    /// <summary>Probes failed; the member has a short time to refute before it is declared dead (SWIM §4.2).</summary>
    Suspect = 2,

    /// <summary>The member announced that it is leaving and finishes its work.</summary>
    Leaving = 3,

    /// <summary>The suspicion ran out without a refutation.</summary>
    Dead = 4,

    /// <summary>The member left of its own will.</summary>
    Left = 5,
}

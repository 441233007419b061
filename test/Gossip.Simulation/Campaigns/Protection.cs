using Gossip.Membership;
using Gossip.Wire;

namespace Gossip.Simulation;

/// <summary>
/// What Lifeguard adds to SWIM. Each can be switched off, to prove that a scenario notices: a check that holds without the protection proves
/// nothing about it.
/// </summary>
internal enum Protection
{
    /// <summary>Helpers that find nothing say so.</summary>
    Nacks,

    /// <summary>A node that misses answers becomes slower to accuse.</summary>
    Awareness,

    /// <summary>Further accusers shorten a suspicion.</summary>
    Confirmations,

    /// <summary>Nodes say which broadcasts they keep, so that others can ask for them. Not Lifeguard's.</summary>
    BroadcastDigests,
}

/// <summary>Takes a protection away from a whole cluster, without a switch in the engine where the network can do it.</summary>
internal static class Protections
{
    public static SimSetup Without(Protection protection, SimSetup setup) => protection == Protection.Awareness
        ? setup with { Timing = setup.Timing with { AwarenessMax = 0 } }
        : setup;

    public static void Disable(Protection protection, SimWorld world)
    {
        switch (protection)
        {
            case Protection.Nacks:
                world.Network.Tamper = PacketFilter.Discarding((kind, _, _) => kind == MessageKind.Nack);
                break;
            case Protection.BroadcastDigests:
                world.Network.Tamper = PacketFilter.Discarding((kind, _, _) => kind == MessageKind.BroadcastDigest);
                break;
            case Protection.Confirmations:
                // Only the accused hears of it, so that it can refute. Whoever else suspects it found out by itself, and waits for as long as one accuser has to.
                world.Network.Tamper = PacketFilter.Discarding((kind, body, to) =>
                    kind == MessageKind.Member
                    && MemberStatement.TryRead(body, out var statement)
                    && statement.State == MemberState.Suspect
                    && world.Find(statement.Subject.Id)?.Index != to);
                break;
        }
    }
}

using Gossip.Dissemination;
using Gossip.Membership;

namespace Gossip.Node;

/// <summary>What the parts of one engine share. Nothing outside the engine sees it.</summary>
internal sealed class EngineContext
{
    private const int PickTries = 8;

    /// <summary>How many gossip intervals the first comparison of views may take.</summary>
    private const int NewcomerIntervals = 8;

    private long _newcomerUntil = long.MinValue;
    private long _agreedUntil = long.MinValue;
    private ProtocolVersions _agreed;

    public EngineContext(EngineOptions options, Outbox outbox)
    {
        Options = options;
        Outbox = outbox;
        Random = new SeededRandom(options.RandomSeed);
        Table = new MemberTable(options.MaxMembers, options.FactLimits, SeededRandom.Mix(options.RandomSeed));
        Awareness = new Awareness(options.Timing.AwarenessMax);
        Packets = new PacketComposer(this);
        Rumours = new Disseminator(this);
    }

    public EngineOptions Options { get; }

    public ProtocolTiming Timing => Options.Timing;

    public Outbox Outbox { get; }

    public SeededRandom Random { get; }

    public MemberTable Table { get; }

    public Awareness Awareness { get; }

    public PacketComposer Packets { get; }

    public Disseminator Rumours { get; }

    public Member Self => Table.Local;

    /// <summary>In what this node writes: the highest version that all members read. Where there is none, for members that cannot understand each other came together, its own.</summary>
    public byte Version => Math.Max(Options.Versions.Min, Versions.Max);

    /// <summary>What all members read that this node knows of; for a moment after it was let in also those that its host knew then.</summary>
    public ProtocolVersions Versions => Now.Ticks < _agreedUntil ? Table.CommonVersions.With(_agreed) : Table.CommonVersions;

    /// <summary>The version of the packet that is handled, or was last: who is not known yet is answered in the version in which he asked.</summary>
    public byte Heard { get; set; }

    /// <summary>In what it writes to one member: the dead do not count for <see cref="Version"/>, and must understand it when they are asked whether they are back.</summary>
    public byte VersionFor(Member member)
    {
        var version = Math.Clamp(Version, member.Versions.Min, member.Versions.Max);
        return Options.Versions.Contains(version) ? version : Version;
    }

    /// <summary>
    /// A host says what all members read that it knows. The newcomer does not know them yet, but they hear of it and ask it, and others may ask it to let them in.
    /// </summary>
    public void Agree(ProtocolVersions others)
    {
        _agreed = Now.Ticks < _agreedUntil ? _agreed.With(others) : others;
        _agreedUntil = Now.Ticks + (Timing.GossipInterval.Ticks * NewcomerIntervals);
    }

    /// <summary>
    /// True for a moment after this node was let in: what it is told then is news to nobody else, so it does not pass it on.
    /// </summary>
    public bool IsNewcomer => Now.Ticks < _newcomerUntil;

    /// <summary>The time of the call that is being handled.</summary>
    public Moment Now { get; set; }

    /// <summary>Picks a random member that takes part and passes <paramref name="filter"/>; null when a fair number of tries finds none.</summary>
    public Member? PickPresent(Func<Member, bool> filter)
    {
        var slots = Table.SlotCount;
        for (var tries = 0; tries < PickTries; tries++)
        {
            if (Table[Random.Next(slots)] is { IsPresent: true } member && filter(member))
            {
                return member;
            }
        }

        // Few of the slots fit: walk from a random place, so that a node among many dead ones is still found.
        var start = Random.Next(slots);
        for (var i = 0; i < slots; i++)
        {
            if (Table[(start + i) % slots] is { IsPresent: true } member && filter(member))
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>Ends the wait for a join. False when the node did not wait for one.</summary>
    public bool BecomeAlive()
    {
        if (Self.State != MemberState.Joining)
        {
            return false;
        }

        Table.SetState(Self, MemberState.Alive, Now.Ticks);
        Outbox.ViewChanged = true;
        return true;
    }

    public void BeginNewcomer() => _newcomerUntil = Now.Ticks + (Timing.GossipInterval.Ticks * NewcomerIntervals);
}

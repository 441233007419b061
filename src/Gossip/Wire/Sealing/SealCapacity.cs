namespace Gossip.Wire;

/// <summary>How many senders are remembered on each path.</summary>
internal readonly record struct SealCapacity(int Datagram, int Stream)
{
    /// <summary>While keys are exchanged, and after a restart, a member has two sessions.</summary>
    private const int SessionsPerMember = 2;

    /// <summary>As many as there may be connections, twice over; the window of each takes 8 KiB.</summary>
    private const int MaxStreams = 8 * 1024;

    /// <summary>
    /// What was recorded of former lives opens, too, where it was not seen before. Many restarts make room for many of these, which must not push
    /// out the few members of a small cluster.
    /// </summary>
    private const int MinSessions = 1024;

    public static SealCapacity For(int maxMembers)
    {
        var sessions = Math.Max(maxMembers * SessionsPerMember, MinSessions);
        return new SealCapacity(sessions, Math.Min(sessions, MaxStreams));
    }
}

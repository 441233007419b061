namespace Gossip.Membership;

/// <summary>
/// Every period, multiplier and formula of the membership protocol in one place: the engine runs on it, the simulator
/// computes its bounds from it, and the documentation prints it.
/// </summary>
internal sealed record ProtocolTiming
{
    /// <summary>How often a node starts to probe the next member (SWIM §3.1: the protocol period).</summary>
    public required TimeSpan ProbeInterval { get; init; }

    /// <summary>How long a direct probe may take before others are asked to probe too.</summary>
    public required TimeSpan ProbeTimeout { get; init; }

    /// <summary>How long indirect and stream probes may take after the direct one failed.</summary>
    public required TimeSpan IndirectTimeout { get; init; }

    /// <summary>How long helpers have after the stream probe was refused.</summary>
    public TimeSpan RefusalTimeout => IndirectTimeout / RefusedDivisor;

    /// <summary>How many members are asked to probe a member that did not answer (SWIM §3.1: k).</summary>
    public int IndirectProbes { get; init; } = 3;

    /// <summary>Scales the shortest suspicion; see <see cref="SuspicionMin"/>.</summary>
    public required double SuspicionMultiplier { get; init; }

    /// <summary>How much longer a suspicion lasts that nobody confirms (Lifeguard §IV-B: α/β).</summary>
    public int SuspicionMaxMultiplier { get; init; } = 6;

    /// <summary>How many independent accusers shorten a suspicion to its minimum (Lifeguard §IV-B: K).</summary>
    public int SuspicionConfirmations { get; init; } = 2;

    /// <summary>The worst local health score; a score s stretches probing (s + 1) times (Lifeguard §IV-A: S).</summary>
    public int AwarenessMax { get; init; } = 8;

    /// <summary>How often rumours are sent while there are any.</summary>
    public required TimeSpan GossipInterval { get; init; }

    /// <summary>To how many members rumours are sent each time.</summary>
    public int GossipFanout { get; init; } = 3;

    /// <summary>Scales how often one node passes on a rumour; see <see cref="RetransmitLimit"/>.</summary>
    public int RetransmitMultiplier { get; init; } = 4;

    /// <summary>How often a node compares its whole view with a random member.</summary>
    public required TimeSpan SyncInterval { get; init; }

    /// <summary>The shortest time between two attempts to contact one dead member.</summary>
    public required TimeSpan ReconnectMin { get; init; }

    /// <summary>The longest time between two attempts to contact one dead member.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a join may take before it counts as failed.</summary>
    public required TimeSpan JoinTimeout { get; init; }

    /// <summary>How long the dead and the gone are remembered.</summary>
    public TimeSpan TombstoneRetention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a node remembers that it deleted a tag or a key; who was away for longer gets all that remains.</summary>
    public TimeSpan FactTombstoneRetention { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Processes on one machine, or tests.</summary>
    public static ProtocolTiming Local { get; } = new()
    {
        ProbeInterval = TimeSpan.FromMilliseconds(200),
        ProbeTimeout = TimeSpan.FromMilliseconds(100),
        IndirectTimeout = TimeSpan.FromMilliseconds(100),
        SuspicionMultiplier = 2,
        GossipInterval = TimeSpan.FromMilliseconds(50),
        SyncInterval = TimeSpan.FromSeconds(5),
        ReconnectMin = TimeSpan.FromMilliseconds(500),
        JoinTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>One data centre: round trips of a few milliseconds, pauses of some hundred.</summary>
    public static ProtocolTiming Lan { get; } = new()
    {
        ProbeInterval = TimeSpan.FromSeconds(1),
        ProbeTimeout = TimeSpan.FromMilliseconds(300),
        IndirectTimeout = TimeSpan.FromMilliseconds(450),
        SuspicionMultiplier = 1,
        GossipInterval = TimeSpan.FromMilliseconds(200),
        SyncInterval = TimeSpan.FromSeconds(30),
        ReconnectMin = TimeSpan.FromSeconds(1),
        JoinTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>Several sites: round trips of up to some hundred milliseconds.</summary>
    public static ProtocolTiming Wan { get; } = new()
    {
        ProbeInterval = TimeSpan.FromSeconds(3),
        ProbeTimeout = TimeSpan.FromMilliseconds(1200),
        IndirectTimeout = TimeSpan.FromMilliseconds(1600),
        SuspicionMultiplier = 2,
        GossipInterval = TimeSpan.FromMilliseconds(500),
        SyncInterval = TimeSpan.FromSeconds(60),
        ReconnectMin = TimeSpan.FromSeconds(3),
        JoinTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>The timing of a profile.</summary>
    public static ProtocolTiming For(GossipProfile profile) => profile switch
    {
        GossipProfile.Local => Local,
        GossipProfile.Lan => Lan,
        GossipProfile.Wan => Wan,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "Choose GossipProfile.Local, Lan or Wan."),
    };

    /// <summary>
    /// How often one node passes on one rumour: λ·⌈log10(n + 1)⌉. SWIM §4.1 shows that λ·log n transmissions leave at most
    /// n^-(2λ-2) members uninformed; with the multiplier of 4 that is negligible next to packet loss, which anti-entropy repairs.
    /// </summary>
    public int RetransmitLimit(int members) => RetransmitMultiplier * (int)Math.Ceiling(Math.Log10(members + 1));

    /// <summary>The shortest suspicion: it grows with log n because the accusation and its refutation need that many rounds to spread (SWIM §4.2, Lifeguard §IV-B).</summary>
    public TimeSpan SuspicionMin(int members) => ProbeInterval * (SuspicionMultiplier * Math.Max(1, Math.Log10(Math.Max(1, members))));

    /// <summary>The longest suspicion, which runs when nobody else confirms it.</summary>
    public TimeSpan SuspicionMax(int members) => SuspicionMin(members) * SuspicionMaxMultiplier;

    /// <summary>How many confirmations can shorten a suspicion: the accused and the first accuser cannot confirm.</summary>
    public int ConfirmationsNeeded(int members) => Math.Clamp(members - 2, 0, SuspicionConfirmations);

    /// <summary>
    /// The longest suspicion of a member that answers no datagram while its host refuses streams. Silence may be a pause, or trouble of
    /// the prober's own, and so takes accusers; a refusal is neither: a paused process accepts still, and to hear one is to be well. What is
    /// left is to let the member's word arrive by another way, which takes one way there and back, not the spread to all.
    /// </summary>
    public TimeSpan RefusedSuspicion(int members) => SuspicionMin(members) / RefusedDivisor;

    /// <summary>The expected time for a rumour to reach everybody: rounds of push gossip to all, ln n / ln(fanout + 1), and as many again for the last few (Karp et al. 2000).</summary>
    public TimeSpan SpreadTime(int members) => GossipInterval * Math.Ceiling(2 * Math.Log(Math.Max(2, members)) / Math.Log(GossipFanout + 1));

    /// <summary>
    /// Within this time every live member knows of a crash, but for one of 10^5, without loss: somebody accuses, the suspicion runs out, of
    /// which further accusers make a shorter one, and both is told. More accusers take longer to come by, so the best number of them counts.
    /// </summary>
    public TimeSpan DetectionBound(int members)
    {
        var first = PeriodsUntilAccused(1, members);
        var suspected = (ProbeInterval * first) + SuspicionWith(0, members);
        for (var confirmations = 1; confirmations <= ConfirmationsNeeded(members); confirmations++)
        {
            var confirmed = ProbeInterval * PeriodsUntilAccused(confirmations + 1, members);
            var shortened = (ProbeInterval * first) + SuspicionWith(confirmations, members);
            var ended = confirmed > shortened ? confirmed : shortened;
            suspected = ended < suspected ? ended : suspected;
        }

        return suspected + ProbeTimeout + IndirectTimeout + (SpreadTime(members) * 2);
    }

    /// <summary>How long a suspicion lasts that has so many confirmations.</summary>
    private TimeSpan SuspicionWith(int confirmations, int members) => TimeSpan.FromTicks(
        Suspicion.Length(SuspicionMin(members).Ticks, SuspicionMax(members).Ticks, confirmations, ConfirmationsNeeded(members)));

    /// <summary>
    /// After how many periods so many have probed a member, but in one of 10^5 cases. Round-robin probing makes each probe it within
    /// 2n - 1 (SWIM §4.3); but of n members one does so in each period on average, so that their number after t periods is a Poisson variable of mean t.
    /// </summary>
    private static int PeriodsUntilAccused(int accusers, int members)
    {
        var longest = (2 * members) - 1;
        for (var periods = 1; periods < longest; periods++)
        {
            double term = Math.Exp(-periods), fewer = 0;
            for (var i = 0; i < accusers; i++)
            {
                fewer += term;
                term *= (double)periods / (i + 1);
            }

            if (fewer < Rare)
            {
                return periods;
            }
        }

        return longest;
    }

    private const double Rare = 1e-5;
    private const int RefusedDivisor = 2;
}

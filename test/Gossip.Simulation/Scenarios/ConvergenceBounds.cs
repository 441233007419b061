using Gossip.Dissemination;
using Gossip.Membership;

namespace Gossip.Simulation;

/// <summary>
/// How long agreement may take at most, from the protocol's constants. All hold for a network without loss; each is the sum
/// of the steps that may have to follow one another.
/// </summary>
internal sealed class ConvergenceBounds(SimWorld world)
{
    /// <summary>Statements with their facts that fit one datagram, at least.</summary>
    private const int RumoursPerDatagram = 6;

    /// <summary>Statements alone that fit one datagram, at least.</summary>
    private const int StatementsPerDatagram = 20;

    /// <summary>The wait until the next comparison of a node's choice is at most one and a half intervals.</summary>
    private const double LongestSyncWait = 1.5;

    /// <summary>
    /// A comparison with a random member finds one that knows. After rumours all but a few do, and then one round is enough;
    /// the second is for the case that both were among the few.
    /// </summary>
    private const int SyncRounds = 2;

    /// <summary>The ways of a dial, a join, and a comparison of views that follow one another.</summary>
    private const int WaysToCompare = 10;

    /// <summary>An exponential delay exceeds this many means once in 10^9.</summary>
    private const int JitterTail = 20;

    /// <summary>The sum of <see cref="WaysToCompare"/> of them exceeds this many means as rarely.</summary>
    private const int JitterTailOfExchange = 42;

    /// <summary>Chance may exceed a bound in one of so many runs.</summary>
    private const double Rare = 1e-5;

    /// <summary>A contact with one dead member follows the last one after between one and two intervals; from a moment of chance on, within this many.</summary>
    private const double LongestContactWait = 1.5;

    /// <summary>How far the mean of a few detections strays from what is expected.</summary>
    private const double MeanMargin = 1.5;

    private readonly ProtocolTiming _timing = world.Setup.Timing;

    private int Nodes => world.Setup.Nodes;

    /// <summary>The longest way of one packet.</summary>
    private TimeSpan Way
    {
        get
        {
            var conditions = world.Setup.Conditions;
            return conditions.Latency + conditions.LatencySpread + (conditions.Jitter * JitterTail);
        }
    }

    private TimeSpan Exchange
    {
        get
        {
            var conditions = world.Setup.Conditions;
            return ((conditions.Latency + conditions.LatencySpread) * WaysToCompare) + (conditions.Jitter * JitterTailOfExchange);
        }
    }

    /// <summary>How long a rumour may wait for those that came before it.</summary>
    private TimeSpan Queueing(int news)
    {
        var rounds = Math.Ceiling((double)news * _timing.RetransmitLimit(Nodes) / (RumoursPerDatagram * _timing.GossipFanout));
        return _timing.GossipInterval * Math.Min(rounds, RoundsToCompare);
    }

    /// <summary>
    /// With more news than that, nodes compare views instead. Each comparison with a member of chance squares the share of what a node lacks, once it
    /// has anything, so that after log2 log2 n of them less than one member is missing.
    /// </summary>
    private double RoundsToCompare =>
        AntiEntropy.BacklogRounds + (AntiEntropy.GapSpacing * LongestSyncWait * (1 + Math.Ceiling(Math.Log2(Math.Log2(Math.Max(Nodes, 2)) + 1))));

    /// <summary>Statements about as many members have reached all: each packet of a round carries the least told, and no more than fit.</summary>
    private TimeSpan Statements(int news) => _timing.SpreadTime(Nodes) * Math.Max(1, (double)news / StatementsPerDatagram);

    /// <summary>All have heard rumours of as many members as are <paramref name="news"/>: the spread of the last one, once the others left it room.</summary>
    public TimeSpan Rumours(int news) => (_timing.SpreadTime(Nodes) * 2) + Queueing(news);

    /// <summary>
    /// Whom rumours missed has compared its view with another. This is no part of the other bounds: rumours miss somebody in a few runs only, and
    /// a bound that allowed it to each run would be so long that it notices nothing else.
    /// </summary>
    public TimeSpan Repair => (_timing.SyncInterval * LongestSyncWait * SyncRounds) + Exchange;

    /// <summary>A process that starts is in, or one that was alone has found its seeds, and all know.</summary>
    public TimeSpan Join(int newcomers) => SeedJoining.RetryInterval + Presentation(newcomers);

    /// <summary>Those whom a seed let in have presented themselves, and all know.</summary>
    public TimeSpan Presentation(int newcomers) => Exchange + Rumours(newcomers);

    /// <summary>Two groups that know nothing of each other have met at a seed that came back.</summary>
    public TimeSpan Meeting => SeedJoining.AbsentInterval + Join(Nodes);

    /// <summary>All survivors know that <paramref name="victims"/> died.</summary>
    public TimeSpan Detection(int victims) => _timing.DetectionBound(Nodes) + Queueing(victims) + (Way * 2);

    /// <summary>
    /// How long it takes on average until all know of one silent crash: among many members one probes the dead one in each interval, so
    /// that as many intervals bring all accusers that count, and chance half as many more; each finds out by a probe, and tells.
    /// </summary>
    public TimeSpan MeanDetection =>
        (_timing.ProbeInterval * (_timing.SuspicionConfirmations + 1) * MeanMargin)
        + _timing.ProbeTimeout + _timing.IndirectTimeout + _timing.SuspicionMin(Nodes) + (_timing.SpreadTime(Nodes) * 2);

    /// <summary>
    /// Members that run and are reached are accused of nothing any more. Whoever is accused or held dead learns so from the next one that it probes,
    /// and refutes, which goes round; and so does what it said of others for as long as it did not hear them, and their refutation.
    /// </summary>
    public TimeSpan Refutation(int accused) => _timing.ProbeInterval + (Way * 2) + (Statements(accused) * 2);

    /// <summary>
    /// Two halves that held each other dead for up to <paramref name="longest"/> are one: the first contact between any two of them makes them compare
    /// their views, and what each said of the other goes round, and then the refutation.
    /// </summary>
    public TimeSpan Healing(TimeSpan longest)
    {
        var pairs = 2.0 * (Nodes / 2) * (Nodes - (Nodes / 2)); // each may contact the other
        var wait = TimeSpan.FromTicks(Reconnector.Interval(_timing, longest.Ticks)) * LongestContactWait;
        return (wait * (1 - Math.Pow(Rare, 1 / pairs))) + Exchange + (Statements(Nodes) * 2);
    }

    /// <summary>
    /// Those who were held dead for up to <paramref name="longest"/> are back everywhere: somebody contacts them, which makes
    /// them refute, and that is told; suspicions that the contact itself brought over go round, and their refutation does.
    /// </summary>
    public TimeSpan Reunion(TimeSpan longest) =>
        TimeSpan.FromTicks(2 * Reconnector.Interval(_timing, longest.Ticks)) + (Rumours(Nodes) * 2) + Exchange;

    /// <summary>What a time of errors left behind is over: suspicions, and deaths of at most that age.</summary>
    public TimeSpan Recovery(TimeSpan longest) => Reunion(longest) + SeedJoining.RetryInterval;
}

using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>A bug to put into a world. This one is none: every way is the right one.</summary>
internal class Plant
{
    /// <summary>All bugs that can be planted.</summary>
    public static IReadOnlyDictionary<string, Func<Plant>> All { get; } = new Func<Plant>[]
    {
        () => new SkippedFlush(),
        () => new EarlyPromise(),
        () => new LowerBallot(),
        () => new ForgottenSeal(),
        () => new UnchosenSeal(),
        () => new RepeatedInstall(),
        () => new ServedTooEarly(),
        () => new SealedRead(),
        () => new ForgottenPromises(),
        () => new ReboundFounder(),
        () => new ReusedStore(),
        () => new OneReplicaRead(),
        () => new WrongBase(),
    }.ToDictionary(create => create().GetType().Name);

    /// <summary>Whether written records ever become durable.</summary>
    public virtual bool Flushes => true;

    /// <summary>Whether a store that was lost comes back under its old name.</summary>
    public virtual bool ReusesStores => false;

    /// <summary>Whether a founder whose store was lost takes its seat again.</summary>
    public virtual bool RebindsFounders => false;

    /// <summary>Whether the first answer to a read is believed.</summary>
    public virtual bool BelievesOneReplica => false;

    public virtual AcceptorPort Port(RegisterNode node, AcceptorId self) => new(self);

    /// <summary>Whether a reply waits until what it says is durable.</summary>
    public virtual bool Waits(AcceptorReply reply) => true;

    /// <summary>What really leaves when a proposer sends something.</summary>
    public virtual IEnumerable<AcceptorRequest> Send(AcceptorRequest request) => [request];
}

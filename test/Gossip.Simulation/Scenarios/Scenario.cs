using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// A story that a seed tells in its own way: a time of chaos, and then a calm in which all must agree on the truth within a
/// bound that follows from the protocol's constants. One object plays once.
/// </summary>
internal abstract class Scenario
{
    /// <summary>All scenarios, by name.</summary>
    public static IReadOnlyDictionary<string, Func<Scenario>> All { get; } = new Func<Scenario>[]
    {
        () => new ColdStart(3),
        () => new ColdStart(30),
        () => new ColdStart(100),
        () => new ColdStart(300),
        () => new ColdStart(1000),
        () => new CrashScenario("crash", 2, 60),
        () => new CrashScenario("crash-1-of-100", 100, 100, victims: 1),
        () => new CrashScenario("crash-10-of-100", 100, 100, victims: 10),
        () => new CrashScenario("crash-300", 300, 300),
        () => new LossScenario(),
        () => new LossSweep(),
        () => new PartitionHeal(),
        () => new RestartScenario(),
        () => new RollingUpgrade(),
        () => new LeaveScenario(),
        () => new BroadcastScenario(),
        () => new BroadcastRepairScenario("broadcasts", 5, 24),
        () => new BroadcastRepairScenario("broadcasts-100", 100, 100),
        () => new OneWayCut(),
        () => new PauseScenario(),
        () => new Flapping(),
        () => new LifeguardExperiment(),
        () => new LoneCrashes(),
        () => new SickSender(),
        () => new CrossedSeeds(),
        () => new ClockSkew(),
        () => new TableFull(),
    }.ToDictionary(create => create().Name);

    public abstract string Name { get; }

    public abstract string Story { get; }

    /// <summary>In what share of the runs rumours may miss somebody, so that only the next comparison of views makes all agree.</summary>
    public virtual double RepairShare => 0.05;

    /// <summary>Whether it takes so long that it is played only when it is asked for by its name.</summary>
    public virtual bool OnDemand => false;

    /// <summary>What must happen in each run: one without proves nothing, and fails.</summary>
    public abstract IReadOnlyList<Fault> EachRun { get; }

    /// <summary>What chance brings about in some run of a campaign.</summary>
    public virtual IReadOnlyList<Fault> SomeRun => [];

    /// <summary>How many nodes there are, on what timing and what network.</summary>
    public abstract SimSetup Draw(ulong seed, SeededRandom random);

    /// <summary>Plays until the calm begins.</summary>
    /// <returns>How long the calm may take until all agree.</returns>
    public abstract TimeSpan Play(SimWorld world);

    /// <summary>Looks at more than the agreement, once that is there.</summary>
    public virtual void Judge(SimWorld world)
    {
    }
}

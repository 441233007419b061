using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>How a cluster begins.</summary>
internal enum Opening
{
    /// <summary>All nodes start at once.</summary>
    Together,

    /// <summary>They start at different times.</summary>
    Scattered,

    /// <summary>One of the founders starts after the others have founded.</summary>
    SeedMissing,

    /// <summary>One of the founders was told of others.</summary>
    OneListDiffers,

    /// <summary>A majority of one list and a majority of a longer one are there, as when some were started with the seeds of before.</summary>
    TwoLists,

    /// <summary>Each founder was told of others, so that no list has a majority; later somebody corrects it.</summary>
    ListsDiffer,
}

/// <summary>What a world is like.</summary>
internal sealed record RegisterSetup
{
    public required ulong Seed { get; init; }

    public int Nodes { get; init; } = 5;

    /// <summary>How many of the nodes found the register.</summary>
    public int Founders { get; init; } = 1;

    /// <summary>How founders wait for each other; without a stagger they are rivals.</summary>
    public FoundingTiming Founding { get; init; } = new();

    /// <summary>Every how many-th node has a store that survives it; 0 for none.</summary>
    public int DurableEvery { get; init; } = 1;

    public double Loss { get; init; }

    public double Duplication { get; init; }

    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMicroseconds(200);

    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>How likely a message takes much longer than others, and so is overtaken.</summary>
    public double Stragglers { get; init; } = 0.01;

    /// <summary>How far the wall clocks of the nodes are off at most; zero where they are right.</summary>
    public TimeSpan Skew { get; init; }

    /// <summary>The first commit lifts the version above a floor that its node takes from its clock.</summary>
    public bool HasFloor { get; init; }

    public Opening Opening { get; init; }

    /// <summary>Also the whole cluster stops, or all its founders restart at once; clocks are set, and processes end at chosen points of writing and of taking a seat.</summary>
    public bool HasConcertedFaults { get; init; }

    public TimeSpan Chaos { get; init; } = TimeSpan.FromSeconds(20);

    public bool IsDurable(int node) => DurableEvery > 0 && node % DurableEvery == 0;
}

using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

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

    public TimeSpan Chaos { get; init; } = TimeSpan.FromSeconds(20);

    public bool IsDurable(int node) => DurableEvery > 0 && node % DurableEvery == 0;
}

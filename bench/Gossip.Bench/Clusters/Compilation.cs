namespace Gossip.Bench.Clusters;

/// <summary>How agents are compiled.</summary>
internal enum Compilation
{
    /// <summary>Ahead of time, to a program without a compiler: as the peer is.</summary>
    Native,

    /// <summary>Ahead of time, and what is used much once more while it runs.</summary>
    ReadyToRun,

    /// <summary>While it runs.</summary>
    JustInTime,
}

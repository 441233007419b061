using Gossip.Wire;

namespace Gossip;

/// <summary>The wire versions that a node reads, from the lowest to the highest. Nodes write the highest one that all members read, so a cluster is upgraded node by node.</summary>
/// <param name="Min">The lowest, 1 or more.</param>
/// <param name="Max">The highest.</param>
public readonly record struct ProtocolVersions(byte Min, byte Max)
{
    /// <summary>What this version of the library reads.</summary>
    public static ProtocolVersions Supported { get; } = new(PacketHeader.MinVersion, PacketHeader.CurrentVersion);

    /// <summary>What the first version read: nodes say nothing of versions while they read just that.</summary>
    internal static ProtocolVersions First { get; } = new(1, 1);

    internal bool IsEmpty => Min > Max;

    internal bool IsValid => Min > 0 && !IsEmpty;

    /// <summary>The range, for people.</summary>
    /// <returns>For example <c>1</c>, or <c>1 to 2</c>.</returns>
    public override string ToString() => Min == Max ? $"{Max}" : $"{Min} to {Max}";

    internal bool Contains(byte version) => version >= Min && version <= Max;

    /// <summary>What both read; empty when that is nothing.</summary>
    internal ProtocolVersions With(ProtocolVersions other) => new(Math.Max(Min, other.Min), Math.Min(Max, other.Max));
}

namespace Gossip.Bench.Clusters;

/// <summary>Where a node runs.</summary>
/// <param name="Address">The address that it listens on.</param>
/// <param name="Namespace">The network namespace; null is the machine's own.</param>
internal sealed record Place(string Address, string? Namespace)
{
    public const string Loopback = "127.0.0.1";
}

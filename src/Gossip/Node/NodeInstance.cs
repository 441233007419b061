using System.Globalization;

namespace Gossip;

/// <summary>
/// One life of a node: its stable identity and the generation of the process. A message meant for one life is never
/// handed to the next, and a newer generation proves that the older one is gone.
/// </summary>
/// <param name="Id">The identity that survives restarts.</param>
/// <param name="Generation">Rises with every start of the process; taken from the clock, and raised above any generation that peers remember.</param>
public readonly record struct NodeInstance(NodeId Id, ulong Generation)
{
    /// <summary>The short identity and the generation, for logs.</summary>
    /// <returns>For example <c>01960f9b@1a2b3c</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id.Prefix}@{Generation:x}");
}

using System.Globalization;

namespace Gossip.Bench.Agents;

/// <summary>What an agent process is told on its command line: which nodes it runs, and where.</summary>
/// <param name="First">The number of its first node.</param>
/// <param name="Count">How many nodes it runs.</param>
/// <param name="BasePort">The port of node 0; node n has the port n above it, in all agents, so that a port names a node.</param>
/// <param name="Address">Where its nodes listen.</param>
/// <param name="SeedAddress">Where node 0 listens.</param>
/// <param name="Profile">The timing.</param>
/// <param name="Key">What packets are sealed with; empty for plaintext.</param>
internal sealed record AgentArguments(int First, int Count, int BasePort, string Address, string SeedAddress, GossipProfile Profile, string Key)
{
    public const string Verb = "agent";

    public string[] ToArray() => [Verb, $"{First}", $"{Count}", $"{BasePort}", Address, SeedAddress, $"{Profile}", Key];

    public static AgentArguments Parse(IReadOnlyList<string> text) => new(
        Number(text[1]), Number(text[2]), Number(text[3]), text[4], text[5], Enum.Parse<GossipProfile>(text[6]), text[7]);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

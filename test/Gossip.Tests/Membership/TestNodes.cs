using System.Net;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Membership;

/// <summary>Nodes with one-letter names: the letter is the identity, and the last byte of the address.</summary>
internal static class TestNodes
{
    public const ushort Port = 11511;
    public static readonly ulong Cluster = PacketHeader.HashCluster("test", "");

    public static NodeId Id(char name) => new((UInt128)name);

    public static NodeInstance Instance(char name, ulong generation = 1) => new(Id(name), generation);

    public static NodeEndpoint Endpoint(char name) => NodeEndpoint.From(IPAddress.Parse($"10.0.0.{(int)name}"), Port);

    public static char Name(NodeId id) => (char)id.LowBits;

    public static char Name(NodeEndpoint endpoint) => (char)(endpoint.Ipv4Bits & byte.MaxValue);

    public static MemberStatement Says(
        char subject, MemberState state, ulong incarnation = 0, ulong generation = 1, char? accuser = null, bool history = false) => new()
        {
            Subject = Instance(subject, generation),
            State = state,
            Incarnation = incarnation,
            Endpoint = Endpoint(subject),
            Accuser = accuser is { } name ? Id(name) : default,
            History = history,
        };

    public static EngineOptions Options(char name, ulong seed = 1) => new()
    {
        Self = Instance(name),
        Endpoint = Endpoint(name),
        ClusterHash = Cluster,
        Timing = ProtocolTiming.Lan,
        RandomSeed = seed,
    };

    /// <summary>What the parts of an engine share, with the node itself alive.</summary>
    public static EngineContext Context(EngineOptions options)
    {
        var context = new EngineContext(options, new Outbox());
        var self = context.Table.TryAdd(options.Self, options.Endpoint, out _)!;
        context.Table.SetState(self, MemberState.Alive, 0);
        return context;
    }

    /// <summary>Adds a member that is alive.</summary>
    public static Member AddAlive(this EngineContext context, char name)
    {
        var member = context.Table.TryAdd(Instance(name), Endpoint(name), out _)!;
        context.Table.SetState(member, MemberState.Alive, context.Now.Ticks);
        return member;
    }
}

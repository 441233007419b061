using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Messaging;
using Gossip.Metadata;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>All that the engine must know to start; nothing in it changes while it runs.</summary>
internal sealed record EngineOptions
{
    public required NodeInstance Self { get; init; }

    public required NodeEndpoint Endpoint { get; init; }

    public required ulong ClusterHash { get; init; }

    public required ProtocolTiming Timing { get; init; }

    /// <summary>Seeds all of the engine's random choices.</summary>
    public required ulong RandomSeed { get; init; }

    public MemberTraits Traits { get; init; }

    /// <summary>The node watches the cluster and is no member of it, see <see cref="ClientContact"/>.</summary>
    public bool IsClient => (Traits & MemberTraits.Client) != MemberTraits.None;

    /// <summary>What the node reads. Tests give engines another range, to play upgrades.</summary>
    public ProtocolVersions Versions { get; init; } = ProtocolVersions.Supported;

    public NodeFeatures Features { get; init; }

    public string ApplicationVersion { get; init; } = "";

    /// <summary>Says whether a newcomer with that application version may join.</summary>
    public Predicate<string>? AcceptsApplicationVersion { get; init; }

    public int MaxDatagramSize { get; init; } = 1400;

    public int MaxMembers { get; init; } = 16 * 1024;

    public FactLimits FactLimits { get; init; } = new();

    /// <summary>Stamps facts; it learns from the stamps of others.</summary>
    public HybridClock Clock { get; init; } = new();

    public int MaxSystemRumours { get; init; } = 64 * 1024;

    public int MaxUserRumours { get; init; } = 1024;

    public int MaxUserRumourBytes { get; init; } = 1024 * 1024;

    /// <summary>How long broadcasts are kept for those who missed them; zero keeps none.</summary>
    public TimeSpan BroadcastWindow { get; init; } = TimeSpan.FromSeconds(MessageLimits.DefaultBroadcastSeconds);

    /// <summary>How many bytes of them, <see cref="BroadcastLimits.MinBytes"/> or more.</summary>
    public int MaxBroadcastBytes { get; init; } = BroadcastLimits.DefaultBytes;

    public BroadcastCounters BroadcastCounters { get; init; } = new();
}

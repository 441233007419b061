using System.Collections.Immutable;

namespace Orleans.Runtime;

public interface IClusterMembershipService
{
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    Task<bool> TryKill(SiloAddress siloAddress);
}

public sealed class ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
{
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; } = members;

    public MembershipVersion Version { get; } = version;
}

public sealed class ClusterMember(SiloAddress siloAddress, SiloStatus status, string name)
{
    public SiloAddress SiloAddress { get; } = siloAddress;

    public SiloStatus Status { get; } = status;

    public string Name { get; } = name;
}

public readonly struct MembershipVersion(long version)
{
    public long Value { get; } = version;
}

public interface ILocalSiloDetails
{
    string Name { get; }

    SiloAddress SiloAddress { get; }
}

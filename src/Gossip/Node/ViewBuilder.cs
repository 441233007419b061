using System.Collections.Immutable;
using Gossip.Membership;
using Gossip.Metadata;

namespace Gossip.Node;

/// <summary>Makes the immutable snapshots that users see from the engine's table. Members that did not change keep theirs.</summary>
internal static class ViewBuilder
{
    /// <summary>The fact in which a node tells the version of its application.</summary>
    public const string ApplicationVersionKey = "app-version";

    public static ClusterView Build(MemberTable table, long version)
    {
        var members = ImmutableArray.CreateBuilder<ClusterMember>(table.Count);
        foreach (var member in table.All)
        {
            if ((member.Traits & MemberTraits.Forgotten) == MemberTraits.None)
            {
                members.Add(Snapshot(member));
            }
        }

        members.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return new ClusterView(version, Snapshot(table.Local), members.DrainToImmutable());
    }

    public static ClusterMember Snapshot(Member member) => member.Snapshot ??= new ClusterMember
    {
        Instance = member.Instance,
        Address = member.Endpoint.SocketPart.ToIPEndPoint(),
        Web = member.Endpoint.Web,
        State = member.State,
        Incarnation = member.Incarnation,
        TcpOnly = member.StreamOnly,
        IsLocal = member.Slot == MemberTable.LocalSlot,
        Protocol = member.Versions,
        Features = FeatureNames.Of(member.Features),
        Tags = member.Facts.Tags,
        Metadata = member.Facts.Metadata,
        SystemFacts = member.Facts.System,
        ApplicationVersion = member.Facts.TryGet(FactKind.System, ApplicationVersionKey, out var version) ? version.ToString() ?? "" : "",
    };
}

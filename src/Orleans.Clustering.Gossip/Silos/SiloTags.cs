using System.Globalization;

namespace Orleans.Clustering.Gossip;

/// <summary>What a silo's node says about its silo.</summary>
internal static class SiloTags
{
    /// <summary>The metadata key under which a node tells of its silo's address.</summary>
    public const string SiloKey = "orleans.silo";

    /// <summary>The silo of a member; null when it has none, as a client, or tells of one that is no address.</summary>
    public static SiloAddress? SiloOf(global::Gossip.ClusterMember member) =>
        member.Metadata.TryGetValue(SiloKey, out var value) && value.TryGet<string>(out var text) && SiloAddress.TryParse(text, CultureInfo.InvariantCulture, out var silo) ? silo : null;
}

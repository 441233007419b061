using Gossip;
using Orleans.Configuration;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// How a silo or a client takes part in the gossip cluster. To all that any node has (see <see cref="GossipOptions"/>) come a few things of Orleans. The cluster's name and service are Orleans' own
/// <see cref="ClusterOptions.ClusterId"/> and <see cref="ClusterOptions.ServiceId"/>: leave <see cref="GossipOptions.ClusterName"/> and <see cref="GossipOptions.ServiceId"/> as they are.
/// </summary>
/// <remarks>
/// Values come, each over the ones before, from section <c>Gossip</c> of the configuration and whatever the host sets for <see cref="GossipOptions"/>; from section <c>Orleans:Clustering</c>, where that names this
/// provider; and from the code that configures the silo or the client.
/// </remarks>
public sealed class GossipClusteringOptions : GossipOptions
{
    internal const int DefaultInitializationSeconds = 60;

    /// <summary>Makes options with a table, which every silo needs.</summary>
    public GossipClusteringOptions() => Table = new TableOptions();

    /// <summary>
    /// How long the start of a silo waits for the cluster's table before it fails with an error that says what it waited for. More than zero, and less than the 5 minutes that Orleans gives a silo to join.
    /// Default: 60 s.
    /// </summary>
    public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromSeconds(DefaultInitializationSeconds);

    /// <summary>
    /// Whether a death that the gossip found is told to Orleans at once, which otherwise finds it by its own probes, some 10 to 15 s later. Orleans still decides by its table. Default: false.
    /// </summary>
    public bool ReportDeaths { get; set; }
}

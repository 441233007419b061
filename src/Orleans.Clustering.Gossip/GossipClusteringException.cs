using Gossip;

namespace Orleans.Clustering.Gossip;

/// <summary>The cluster's table could not be used. The message says what was waited for, and which nodes were tried.</summary>
public sealed class GossipClusteringException : GossipException
{
    internal GossipClusteringException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

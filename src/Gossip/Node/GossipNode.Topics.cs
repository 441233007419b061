namespace Gossip;

/// <content>Topics.</content>
public sealed partial class GossipNode
{
    /// <summary>Publishes to topics and subscribes to them, once the node was started.</summary>
    public GossipTopics Topics => Messages.Topics;
}

namespace Gossip;

/// <content>Messages as channels.</content>
public sealed partial class GossipNode
{
    /// <summary>Opens the node's messages as channels. It can be done before the start, see <see cref="Create"/>, so that nothing that arrives is missed.</summary>
    /// <param name="types">The message type numbers that go to the inbox; they must have no other handler. Other types can be sent, too.</param>
    /// <returns>The channels.</returns>
    /// <exception cref="MessageTypeException">A number is out of range, or has a message handler; then nothing was changed.</exception>
    public GossipChannels OpenChannels(params IEnumerable<int> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return new GossipChannels(this, types);
    }
}

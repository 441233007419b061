namespace Gossip;

/// <summary>How a message is delivered.</summary>
public enum Delivery
{
    /// <summary>
    /// Handed to the network once: as a datagram when it fits one, else on a stream. It may be lost; it is not handled twice
    /// within the window of the last 1024 messages of one sender. To <see cref="Target.All"/> it is gossiped instead, whatever its size: what is lost is
    /// made up for within <see cref="MessagingOptions.BroadcastWindow"/>, at members that join meanwhile, too.
    /// </summary>
    BestEffort = 0,

    /// <summary>
    /// Always on a stream: acknowledged by each target after its handler has ended, sent again over reconnects until the
    /// timeout, and handled at most once.
    /// </summary>
    Reliable = 1,
}

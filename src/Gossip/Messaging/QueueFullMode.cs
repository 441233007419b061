namespace Gossip;

/// <summary>What happens to a message that has no room on its way: in the queue to a member that takes it too slowly, or among the unfinished sends of the node.</summary>
public enum QueueFullMode
{
    /// <summary>It waits for room, as long as its timeout lasts: whoever sends faster than the others take is slowed down.</summary>
    Wait = 0,

    /// <summary>It is refused at once.</summary>
    Fail = 1,

    /// <summary>It waits for room; of those that wait so for one member only the newest stay, as many as <see cref="MessagingOptions.SendQueue"/> says, and the older ones are refused.</summary>
    DropOldest = 2,
}

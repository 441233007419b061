namespace Gossip.Messaging;

/// <summary>The message type numbers of topics, among those of the engine.</summary>
internal static class TopicMessage
{
    /// <summary>A request: takes the interests of its sender, and replies with the version of them that is known then.</summary>
    public const int Interests = 16;

    /// <summary>A request: replies with the interests of the node that is asked.</summary>
    public const int InterestsWanted = 17;

    /// <summary>A message: a publication for those who subscribe to its topic.</summary>
    public const int Publication = 18;

    /// <summary>A request of a client: takes its interests, and replies with the version of them that all members know.</summary>
    public const int ClientInterests = 19;
}

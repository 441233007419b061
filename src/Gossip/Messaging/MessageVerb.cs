namespace Gossip;

/// <summary>What a sender wants of a handler.</summary>
public enum MessageVerb
{
    /// <summary>Nothing but that the message is handled.</summary>
    Message = 0,

    /// <summary>A reply.</summary>
    Request = 1,
}

using Gossip.Messaging;

namespace Gossip;

/// <summary>A text that should be a topic, or a pattern of topics, is not one. The message quotes the text and says what is wrong where.</summary>
public sealed class TopicException : GossipException
{
    /// <summary>Creates an error without a message.</summary>
    public TopicException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What is wrong.</param>
    public TopicException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public TopicException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal TopicException(string text, int position, string found, bool isPattern)
        : base($"Not a {(isPattern ? "pattern of topics" : "topic")}: '{MessageLimits.Cut(text, TopicLimits.MaxTopicBytes)}' has {found} at position {position}. Write levels with dots between them, as in orders.eu.created"
            + (isPattern ? "; * stands for any one level and > for one or more at the end, as in orders.*.created or orders.>." : ".")) =>
        Position = position;

    /// <summary>Where the error is: the number of characters before it.</summary>
    public int Position { get; }
}

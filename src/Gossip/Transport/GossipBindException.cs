namespace Gossip;

/// <summary>The node cannot listen where it was told to. The message names the endpoint and what to change.</summary>
public sealed class GossipBindException : GossipException
{
    /// <summary>Creates an error without a message.</summary>
    public GossipBindException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">Which endpoint cannot be bound, why, and what to change.</param>
    public GossipBindException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">Which endpoint cannot be bound, why, and what to change.</param>
    /// <param name="innerException">What the operating system reported.</param>
    public GossipBindException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

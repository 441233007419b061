namespace Gossip;

/// <summary>The base of every error that the library reports. The message says what went wrong and what to change.</summary>
public class GossipException : Exception
{
    /// <summary>Creates an error without a message.</summary>
    public GossipException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What went wrong and what to change.</param>
    public GossipException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What went wrong and what to change.</param>
    /// <param name="innerException">The cause.</param>
    public GossipException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

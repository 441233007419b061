namespace Gossip;

/// <summary>A text that should be an address is not one. The message quotes the text, says what is wrong, and shows valid ones.</summary>
public sealed class GossipAddressException : GossipException
{
    /// <summary>Creates an error without a message.</summary>
    public GossipAddressException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What is wrong with the address.</param>
    public GossipAddressException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What is wrong with the address.</param>
    /// <param name="innerException">The cause.</param>
    public GossipAddressException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

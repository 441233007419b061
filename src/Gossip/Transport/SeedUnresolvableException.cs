namespace Gossip;

/// <summary>The name of a seed leads to no address at the moment. It is looked up again on the next attempt.</summary>
public sealed class SeedUnresolvableException : GossipException
{
    /// <summary>Creates an error without a message.</summary>
    public SeedUnresolvableException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">Which name cannot be resolved, and what to check.</param>
    public SeedUnresolvableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">Which name cannot be resolved, and what to check.</param>
    /// <param name="innerException">What the name lookup reported.</param>
    public SeedUnresolvableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

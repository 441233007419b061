namespace Gossip;

/// <summary>A message type number or registration cannot be used.</summary>
public sealed class MessageTypeException : GossipException
{
    internal MessageTypeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>A message is larger than what a node accepts. Nothing was sent.</summary>
public sealed class MessageTooLargeException : GossipException
{
    internal MessageTooLargeException(string message)
        : base(message)
    {
    }
}

/// <summary>A payload cannot be written, or cannot be read as what the caller asked for.</summary>
public sealed class PayloadException : GossipException
{
    /// <summary>Makes an exception, for codecs.</summary>
    /// <param name="message">What is wrong, and what to change.</param>
    /// <param name="innerException">What caused it.</param>
    public PayloadException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The node is stopping or has stopped, and takes no new work.</summary>
public sealed class GossipStoppedException : GossipException
{
    internal GossipStoppedException()
        : base("The node is stopping: it sends no more messages.")
    {
    }
}

/// <summary>A request failed at, or on its way to, another node.</summary>
public abstract class RequestException : GossipException
{
    private protected RequestException(NodeInstance target, string message)
        : base(message) => Target = target;

    /// <summary>The node that was asked; generation 0 when it is not known.</summary>
    public NodeInstance Target { get; }
}

/// <summary>The remote handler threw.</summary>
public sealed class RemoteHandlerException : RequestException
{
    internal RemoteHandlerException(NodeInstance target, string remoteType, string remoteMessage)
        : base(target, $"The handler on {target} failed with {remoteType}: {remoteMessage}")
    {
        RemoteType = remoteType;
        RemoteMessage = remoteMessage;
    }

    /// <summary>The full name of the remote exception's type, at most 256 bytes of UTF-8.</summary>
    public string RemoteType { get; }

    /// <summary>The message of the remote exception, cut at 2048 bytes of UTF-8.</summary>
    public string RemoteMessage { get; }
}

/// <summary>Nobody handles requests, or streams, of this type on the node that was asked.</summary>
public sealed class NoHandlerException : RequestException
{
    internal NoHandlerException(NodeInstance target, int type)
        : base(target, $"{target} has no request handler for message type {type}.") => Type = type;

    internal NoHandlerException(NodeInstance target, int type, string verb)
        : base(target, $"{target} has no {verb} handler for type {type}.") => Type = type;

    /// <summary>The type number.</summary>
    public int Type { get; }
}

/// <summary>The request was not handled: a side is overloaded or stopping, the encoding is unknown (<see cref="UnknownEncodingException"/>), or the target has restarted.</summary>
public class RequestRefusedException : RequestException
{
    internal RequestRefusedException(NodeInstance target, string? reason)
        : base(target, $"The request to {target} was refused: {reason}")
    {
    }
}

/// <summary>A codec or a compression is unknown to the node that was asked, or that of the reply to this one. The message names it by its number, and says what to do.</summary>
public sealed class UnknownEncodingException : RequestRefusedException
{
    internal UnknownEncodingException(NodeInstance target, string reason)
        : base(target, reason)
    {
    }
}

/// <summary>No reply came in time. The request may have been handled.</summary>
public sealed class RequestTimeoutException : RequestException
{
    internal RequestTimeoutException(NodeInstance target, TimeSpan timeout)
        : base(target, $"{target} did not reply within {timeout}.")
    {
    }
}

/// <summary>The member is not known, has left, died or restarted, or could not be reached until the timeout.</summary>
public sealed class MemberUnreachableException : RequestException
{
    internal MemberUnreachableException(NodeInstance target, string? reason)
        : base(target, $"{target} cannot be reached: {reason}")
    {
    }
}

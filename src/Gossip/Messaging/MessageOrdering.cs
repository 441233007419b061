namespace Gossip;

/// <summary>
/// Which messages of a handler are handled one after the other: those with the same key. Reliable messages of one sender with the same key are handled in the order in which they
/// were sent, also when some of them were lost on the way and sent again; a message whose sender has given it up holds up none. Messages with different keys are handled side by side.
/// </summary>
public abstract class MessageOrdering
{
    private MessageOrdering()
    {
    }

    /// <summary>Each on its own: many at once, in no order.</summary>
    public static MessageOrdering None { get; } = new Unordered();

    /// <summary>One after the other for each sender's life.</summary>
    public static MessageOrdering BySender { get; } = new Senders();

    /// <summary>One after the other for each value of a header, whoever the senders are. Messages without that header are not ordered.</summary>
    /// <param name="name">The key of the header; case-sensitive.</param>
    /// <returns>The ordering.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static MessageOrdering ByHeader(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Header(name);
    }

    /// <summary>Null for a message that is not ordered.</summary>
    internal abstract object? KeyOf(MessageContext context);

    private sealed class Unordered : MessageOrdering
    {
        internal override object? KeyOf(MessageContext context) => null;
    }

    private sealed class Senders : MessageOrdering
    {
        internal override object? KeyOf(MessageContext context) => context.Sender;
    }

    private sealed class Header(string name) : MessageOrdering
    {
        internal override object? KeyOf(MessageContext context) => context.Headers.GetValueOrDefault(name);
    }
}

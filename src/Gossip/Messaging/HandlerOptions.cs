namespace Gossip;

/// <summary>How a handler is run.</summary>
public sealed record HandlerOptions
{
    private static readonly HandlerOptions Default = new();

    /// <summary>
    /// How many messages the handler takes at once, at least 1; what comes meanwhile waits, and counts against the node's <c>HandlerQueue</c> and <c>HandlerBytes</c>. Default: null, as
    /// many as the node runs handlers at all.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>Which messages are handled one after the other. Default: <see cref="MessageOrdering.None"/>.</summary>
    public MessageOrdering Ordering { get; init; } = MessageOrdering.None;

    internal static HandlerOptions Checked(HandlerOptions? options)
    {
        options ??= Default;
        ArgumentNullException.ThrowIfNull(options.Ordering, nameof(options));
        return options.MaxConcurrency is null or >= 1
            ? options
            : throw new ArgumentOutOfRangeException(nameof(options), options.MaxConcurrency, $"{nameof(MaxConcurrency)} must be at least 1, or null for no limit of its own.");
    }
}

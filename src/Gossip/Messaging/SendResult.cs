using System.Collections.Immutable;

namespace Gossip;

/// <summary>What became of a message at one target. The numbers are used on the wire.</summary>
public enum SendOutcome
{
    /// <summary>Best effort only: handed to the network. Nothing is known about its arrival.</summary>
    Sent = 0,

    /// <summary>A handler ended without an error.</summary>
    Handled = 1,

    /// <summary>The message arrived, and nobody handles its type there.</summary>
    NoHandler = 2,

    /// <summary>The handler threw.</summary>
    Failed = 3,

    /// <summary>The message was not handled: a side is overloaded or stopping, the codec is unknown, or the target has restarted.</summary>
    Refused = 4,

    /// <summary>No answer came in time. The message may have been handled or may still be.</summary>
    TimedOut = 5,

    /// <summary>The target is not known, or could not be reached until the timeout.</summary>
    Unreachable = 6,

    /// <summary>The target left, died or restarted before it answered. The message may have been handled.</summary>
    Left = 7,
}

/// <summary>What became of a message at one target.</summary>
/// <param name="Target">The target; generation 0 when the node is not known.</param>
/// <param name="Outcome">What became of the message.</param>
/// <param name="Error">Why, for people; null when the send succeeded.</param>
public readonly record struct TargetResult(NodeInstance Target, SendOutcome Outcome, string? Error)
{
    /// <summary>True for <see cref="SendOutcome.Sent"/> and <see cref="SendOutcome.Handled"/>.</summary>
    public bool Succeeded => Outcome is SendOutcome.Sent or SendOutcome.Handled;
}

/// <summary>What became of a message at each of its targets. It never changes, and sends that ended alike may share one.</summary>
public sealed class SendResult
{
    internal SendResult(ImmutableArray<TargetResult> targets) => Targets = targets;

    /// <summary>One result per target, in order of identity.</summary>
    public ImmutableArray<TargetResult> Targets { get; }

    /// <summary>True when no member was a target, so nothing was sent.</summary>
    public bool IsEmpty => Targets.IsEmpty;

    /// <summary>True when there was a target and the send succeeded at every one.</summary>
    public bool Succeeded => !IsEmpty && Targets.All(target => target.Succeeded);
}

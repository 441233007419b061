using Microsoft.Extensions.Logging;

namespace Gossip;

/// <summary>Something that happened at a node; see <see cref="GossipNode.Hook{TEvent}"/>.</summary>
public abstract record NodeEvent
{
    private protected NodeEvent()
    {
    }
}

/// <summary>The node's own state changed.</summary>
/// <param name="Previous">The state before.</param>
/// <param name="Current">The state now.</param>
public sealed record NodeStateChanged(GossipNodeState Previous, GossipNodeState Current) : NodeEvent;

/// <summary>The node starts, with these options.</summary>
/// <param name="Options">The options. They hold the keys of the cluster: they are no matter for a log.</param>
public sealed record NodeConfigured(GossipOptions Options) : NodeEvent;

/// <summary>A member came, went or changed. A hook hears first of all who is known when it is added, as added, the node itself among them.</summary>
/// <param name="Change">The change.</param>
public sealed record MemberChanged(ClusterChange Change) : NodeEvent;

/// <summary>The node logs a warning or an error, whether or not the log takes it.</summary>
/// <param name="Level">How grave it is: at least <see cref="LogLevel.Warning"/>.</param>
/// <param name="Id">Which message it is.</param>
/// <param name="Message">The message.</param>
/// <param name="Error">The exception, if there is one.</param>
public sealed record NodeWarned(LogLevel Level, EventId Id, string Message, Exception? Error) : NodeEvent;

/// <summary>The node has sent a message to all members.</summary>
/// <param name="Type">The message type number.</param>
/// <param name="Size">The size of the encoded content in bytes.</param>
/// <param name="Result">What became of it at each member.</param>
public sealed record BroadcastSent(int Type, int Size, SendResult Result) : NodeEvent;

/// <summary>A handler begins with a message or request.</summary>
/// <param name="Context">The message.</param>
public sealed record HandlerStarted(MessageContext Context) : NodeEvent;

/// <summary>A handler, with the middleware before it, has ended.</summary>
/// <param name="Context">The message.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Error">What it threw; null when it ended well.</param>
public sealed record HandlerEnded(MessageContext Context, TimeSpan Elapsed, Exception? Error) : NodeEvent;

/// <summary>The node subscribes to topics.</summary>
/// <param name="Pattern">The pattern of the topics.</param>
/// <param name="QueueGroup">The queue group; null for none.</param>
public sealed record TopicSubscribed(string Pattern, string? QueueGroup) : NodeEvent;

/// <summary>The node does not subscribe to topics any more.</summary>
/// <param name="Pattern">The pattern of the topics.</param>
/// <param name="QueueGroup">The queue group; null for none.</param>
public sealed record TopicUnsubscribed(string Pattern, string? QueueGroup) : NodeEvent;

/// <summary>The node has published to a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Type">The message type number.</param>
/// <param name="Size">The size of the encoded content in bytes.</param>
/// <param name="Result">What became of it at each subscriber.</param>
public sealed record TopicPublished(string Topic, int Type, int Size, PublishResult Result) : NodeEvent;

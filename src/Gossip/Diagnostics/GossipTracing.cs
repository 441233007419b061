using System.Diagnostics;
using Gossip.Messaging;

namespace Gossip.Diagnostics;

/// <summary>
/// The activity source <c>Gossip</c>: a span for each send and request and one for each handler, linked over the network by
/// the trace context in the message's headers. Without a listener nothing is made and nothing is added.
/// </summary>
internal static class GossipTracing
{
    public const string SourceName = "Gossip";

    /// <summary>The headers of W3C trace context and baggage.</summary>
    private const int ContextHeaders = 3;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether spans may be made at all.</summary>
    public static bool HasListeners => Source.HasListeners();

    /// <summary>Begins the span of a send or request; null when nobody listens.</summary>
    public static Activity? StartSend(string operation, int type, ActivityKind kind)
    {
        var activity = Source.StartActivity(operation, kind);
        activity?.SetTag("messaging.system", "gossip").SetTag("gossip.message.type", type);
        return activity;
    }

    /// <summary>The headers with the trace context of a span added.</summary>
    public static IReadOnlyDictionary<string, string>? Inject(Activity? activity, IReadOnlyDictionary<string, string>? headers)
    {
        // A message that is full to the limit travels without a trace rather than not at all.
        if (activity is null || headers?.Count + ContextHeaders > MessageLimits.MaxHeaders)
        {
            return headers;
        }

        var carrier = headers is null ? [] : new Dictionary<string, string>(headers, StringComparer.Ordinal);
        DistributedContextPropagator.Current.Inject(activity, carrier, static (carrier, key, value) => ((Dictionary<string, string>)carrier!)[key] = value);
        return carrier;
    }

    /// <summary>Begins the span of a handler, as a child of the send that its headers name; null when nobody listens.</summary>
    public static Activity? StartHandle(MessageContext context)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        DistributedContextPropagator.Current.ExtractTraceIdAndState(
            context.Headers,
            static (object? carrier, string key, out string? value, out IEnumerable<string>? values) =>
            {
                values = null;
                ((IReadOnlyDictionary<string, string>)carrier!).TryGetValue(key, out value);
            },
            out var parent,
            out var state);
        _ = ActivityContext.TryParse(parent, state, isRemote: true, out var parentContext);
        var kind = context.Verb == MessageVerb.Request ? ActivityKind.Server : ActivityKind.Consumer;
        var activity = Source.StartActivity("gossip.handle", kind, parentContext);
        activity?.SetTag("messaging.system", "gossip")
            .SetTag("gossip.message.type", context.Type)
            .SetTag("gossip.sender", context.Sender.ToString());
        return activity;
    }
}

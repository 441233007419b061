using System.Diagnostics.Metrics;
using System.Globalization;

namespace Gossip.Diagnostics;

/// <summary>
/// The meter <c>Gossip</c>. All instruments are observed: the engine counts, and pays for a measurement only when somebody
/// looks. Each carries the tag <c>gossip.node</c>, so that several nodes of one process can be told apart.
/// </summary>
internal sealed class GossipMetrics : IDisposable
{
    public const string MeterName = "Gossip";

    private readonly Meter _meter;

    public GossipMetrics(GossipNode node, IMeterFactory? factory)
    {
        var options = new MeterOptions(MeterName);
        _meter = factory?.Create(options) ?? new Meter(options);

        _meter.CreateObservableGauge("gossip.members", () => Members(node), "{member}", "Known members by state.");
        Gauge(node, "gossip.pump.queue", "{item}", "Packets and commands that wait for the pump.", static runtime => runtime.Pump.QueueLength);
        Gauge(node, "gossip.connections", "{connection}", "Open TCP connections.", static runtime => runtime.Sockets.Counters.ConnectionsOpen);

        Counter(node, "gossip.suspicions", "{member}", "Members that came under suspicion.", static runtime => runtime.Counters[MemberState.Suspect]);
        Counter(node, "gossip.deaths", "{member}", "Members that were declared dead.", static runtime => runtime.Counters[MemberState.Dead]);
        Counter(node, "gossip.pump.dropped", "{packet}", "Datagrams that arrived faster than the pump handles them.", static runtime => runtime.Pump.DatagramsDropped);

        Counter(node, "gossip.datagrams.received", "{packet}", "Datagrams that arrived.", static runtime => runtime.Sockets.Counters.DatagramsIn.Value);
        Counter(node, "gossip.network.refused", "{item}", "Datagrams and connections from outside of AllowedNetworks.", _ => node.Gate.Refused);
        Counter(node, "gossip.datagrams.sent", "{packet}", "Datagrams that were sent.", static runtime => runtime.Sockets.Counters.DatagramsOut.Value);
        Counter(node, "gossip.datagrams.dropped", "{packet}", "Datagrams that the local host could not send.", static runtime => runtime.Sockets.Counters.DatagramsDropped.Value);
        Counter(node, "gossip.datagrams.received.bytes", "By", "Bytes of datagrams that arrived.", static runtime => runtime.Sockets.Counters.DatagramBytesIn.Value);
        Counter(node, "gossip.datagrams.sent.bytes", "By", "Bytes of datagrams that were sent.", static runtime => runtime.Sockets.Counters.DatagramBytesOut.Value);
        Counter(node, "gossip.frames.received", "{packet}", "TCP frames that arrived.", static runtime => runtime.Sockets.Counters.FramesIn.Value);
        Counter(node, "gossip.frames.sent", "{packet}", "TCP frames that were sent.", static runtime => runtime.Sockets.Counters.FramesOut.Value);
        Counter(node, "gossip.frames.undeliverable", "{packet}", "TCP frames that could not be sent.", static runtime => runtime.Sockets.Counters.FramesUndeliverable.Value);

        Counter(node, "gossip.hooks.dropped", "{event}", "Events that a slow hook has not seen.", _ => node.Hooks.Dropped);

        CountSeals(node);
        CountMessages(node);
        CountTopics(node);
        CountStreams(node);
        CountBroadcasts(node);
    }

    public void Dispose() => _meter.Dispose();

    private void CountSeals(GossipNode node)
    {
        Counter(node, "gossip.seal.sealed", "{packet}", "Packets that were sealed.", static runtime => runtime.Seals.Sealed.Value);
        Counter(node, "gossip.seal.opened", "{packet}", "Sealed packets that opened.", static runtime => runtime.Seals.Opened.Value);
        _meter.CreateObservableCounter("gossip.seal.refused", () => Refusals(node), "{packet}", "Packets that were refused because of their seal, by reason.");
    }

    private static IEnumerable<Measurement<long>> Refusals(GossipNode node)
    {
        if (node.RuntimeOrNull is not { } runtime)
        {
            return [];
        }

        var seals = runtime.Seals;
        return
        [
            Reason("unsealed", seals.Unsealed.Value),
            Reason("unknown_key", seals.UnknownKey.Value),
            Reason("bad_tag", seals.BadTag.Value),
            Reason("replay", seals.Replayed.Value),
        ];

        Measurement<long> Reason(string reason, long count) => new(count, NodeTag(runtime), new KeyValuePair<string, object?>("gossip.reason", reason));
    }

    private void CountMessages(GossipNode node)
    {
        var counters = node.Messages.Counters;
        Counter(node, "gossip.messages.sent", "{message}", "Users' messages sent, each target counted.", _ => counters.Sent);
        Counter(node, "gossip.messages.received", "{message}", "Users' messages received.", _ => counters.Received);
        Counter(node, "gossip.messages.dropped", "{message}", "Best-effort messages dropped because handlers were too slow.", _ => counters.Dropped);
        Counter(node, "gossip.messages.refused", "{message}", "Messages refused, with word to the sender.", _ => counters.Refused);
        Counter(node, "gossip.messages.duplicates", "{message}", "Duplicates that were not handed to a handler.", _ => counters.Duplicates);
        Counter(node, "gossip.messages.retries", "{message}", "Reliable messages that were sent again.", _ => counters.Retries);
        Counter(node, "gossip.handlers.errors", "{error}", "Handlers that threw.", _ => counters.HandlerErrors);
        Gauge(node, "gossip.handlers.running", "{handler}", "Handlers that run now.", _ => node.Messages.RunningHandlers);
        Gauge(node, "gossip.messages.pending", "{message}", "Reliable messages and requests that wait for an answer.", _ => node.Messages.InFlight);
    }

    private void CountTopics(GossipNode node)
    {
        var counters = node.Topics.Counters;
        Counter(node, "gossip.topics.published", "{message}", "Publications of this node, with those that nobody subscribed to.", _ => counters.Published);
        Counter(node, "gossip.topics.delivered", "{message}", "Publications that were handled, each subscription counted.", _ => counters.Delivered);
        Counter(node, "gossip.topics.failovers", "{message}", "How often a publication went on to another node of a queue group.", _ => counters.Failovers);
        Gauge(node, "gossip.topics.subscriptions", "{subscription}", "Different subscriptions of this node.", _ => node.Topics.Subscriptions);
        Gauge(node, "gossip.topics.known", "{member}", "Members of whose subscriptions this node knows.", _ => node.Topics.KnownMembers);
    }

    private void CountStreams(GossipNode node)
    {
        var counters = node.Streams.Counters;
        Gauge(node, "gossip.streams", "{stream}", "Streams that are open or being opened.", _ => node.Streams.Count);
        Counter(node, "gossip.streams.opened", "{stream}", "Streams that this node opened.", _ => counters.Opened.Value);
        Counter(node, "gossip.streams.accepted", "{stream}", "Streams of others that this node accepted.", _ => counters.Accepted.Value);
        Counter(node, "gossip.streams.refused", "{stream}", "Streams of others that this node did not accept.", _ => counters.Refused.Value);
        Counter(node, "gossip.streams.aborted", "{stream}", "Streams that ended before their time.", _ => counters.Aborted.Value);
        Counter(node, "gossip.streams.received.bytes", "By", "Bytes of streams that arrived.", _ => counters.BytesIn.Value);
        Counter(node, "gossip.streams.sent.bytes", "By", "Bytes of streams that were sent.", _ => counters.BytesOut.Value);
    }

    private void CountBroadcasts(GossipNode node)
    {
        Gauge(node, "gossip.broadcasts.kept", "{message}", "Broadcasts kept for members that missed them.", static runtime => runtime.BroadcastCounters.Kept);
        Gauge(node, "gossip.broadcasts.kept.bytes", "By", "Bytes of broadcasts kept.", static runtime => runtime.BroadcastCounters.KeptBytes);
        Counter(node, "gossip.broadcasts.dropped", "{message}", "Broadcasts that made room for others before their time.", static runtime => runtime.BroadcastCounters.Dropped);
        Counter(node, "gossip.broadcasts.repaired", "{message}", "Broadcasts that were missed, and asked for.", static runtime => runtime.BroadcastCounters.Repaired);
        Counter(node, "gossip.broadcasts.fetched", "{message}", "Large broadcasts that were offered, and asked for.", static runtime => runtime.BroadcastCounters.Fetched);
        Counter(node, "gossip.broadcasts.served", "{message}", "Broadcasts sent to members that asked for them.", static runtime => runtime.BroadcastCounters.Served);
    }

    private void Counter(GossipNode node, string name, string unit, string description, Func<Node.NodeRuntime, long> read) =>
        _meter.CreateObservableCounter(name, () => Measure(node, read), unit, description);

    private void Gauge(GossipNode node, string name, string unit, string description, Func<Node.NodeRuntime, long> read) =>
        _meter.CreateObservableGauge(name, () => Measure(node, read), unit, description);

    private static IEnumerable<Measurement<long>> Measure(GossipNode node, Func<Node.NodeRuntime, long> read) =>
        node.RuntimeOrNull is { } runtime ? [new Measurement<long>(read(runtime), NodeTag(runtime))] : [];

    private static IEnumerable<Measurement<long>> Members(GossipNode node)
    {
        if (node.RuntimeOrNull is not { } runtime)
        {
            yield break;
        }

        foreach (var group in runtime.Views.Current.Members.GroupBy(member => member.State))
        {
            yield return new Measurement<long>(group.Count(), NodeTag(runtime), new KeyValuePair<string, object?>("gossip.state", group.Key.ToString()));
        }
    }

    private static KeyValuePair<string, object?> NodeTag(Node.NodeRuntime runtime) => new("gossip.node", runtime.Identity.Instance.Id.ToString(null, CultureInfo.InvariantCulture));
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Gossip.Messaging;
using Gossip.Streaming;

namespace Gossip;

/// <summary>Opens streams of bytes to members, and takes handlers for those that others open. All members may be called from any thread.</summary>
/// <example>
/// <code>
/// using var echo = node.Streams.Handle(130, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
/// await using var stream = await other.Streams.OpenAsync(node.Id, 130);
/// </code>
/// </example>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing to dispose of, and handlers that outlast the node look at its token.")]
public sealed partial class GossipStreams
{
    private readonly IMessagingHost _host;
    private readonly StreamingOptions _options;
    private readonly StreamQuota _quota;
    private readonly StreamOpener _opener;
    private readonly StreamPulse _pulse;
    private readonly PipeOptions _inputPipe = new(pauseWriterThreshold: 0, useSynchronizationContext: false); // the window is its bound
    private readonly PipeOptions _outputPipe;
    private readonly ConcurrentDictionary<int, Func<GossipStream, CancellationToken, Task>> _handlers = new();
    private readonly ConcurrentDictionary<long, StreamLink> _links = new();
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _stopping;

    internal GossipStreams(IMessagingHost host, StreamingOptions options)
    {
        _options = options.Checked();
        _host = host;
        _quota = new StreamQuota(options.MaxStreams, options.MaxStreamsPerPeer);
        _opener = new StreamOpener(host, _stopped.Token);
        _pulse = new StreamPulse(host.TimeProvider, SayAlive);
        _outputPipe = new PipeOptions(
            pauseWriterThreshold: options.SendBuffer, resumeWriterThreshold: options.SendBuffer / 2, useSynchronizationContext: false);
    }

    /// <summary>How many streams are open or being opened, and how many handlers of streams run: each stream counts once.</summary>
    public int Count => _quota.Count;

    internal StreamCounters Counters { get; } = new();

    /// <summary>Streams of all connections that are not over, and questions without an answer: zero when nothing is left behind. For tests.</summary>
    internal int Kept => _links.Values.Sum(static link => link.Count) + _opener.Count + _quota.Count + _quota.Peers;

    /// <summary>Takes the streams of a type that others open, until the result is disposed.</summary>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>. Streams have numbers of their own: a message type of the same number is another thing.</param>
    /// <param name="handler">
    /// Runs for each stream, many at once. When it ends, what it wrote is completed and the rest of what it did not read is given up. When it throws, the stream is aborted, and the
    /// other side is told the error. Its token fires when the stream is aborted, and when the node has stopped.
    /// </param>
    /// <returns>Removes the handler when disposed; what runs then goes on.</returns>
    /// <exception cref="MessageTypeException">The number is out of range, or has a handler.</exception>
    public IDisposable Handle(int type, Func<GossipStream, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.TryAdd(MessageTypeNumber.Checked(type), handler)
            ? new Registration(this, new(type, handler))
            : throw new MessageTypeException($"Stream type {type} has a handler already: dispose the first registration, or use another type number.");
    }

    /// <summary>Opens a stream to a member, or to a client that is connected to this node.</summary>
    /// <param name="to">The member. A node opens no stream to itself.</param>
    /// <param name="type">The number under which the member has a handler.</param>
    /// <param name="options">How it is opened. Default: within 5 seconds, without headers.</param>
    /// <param name="cancellationToken">Gives up opening; it has nothing to do with a stream that is open.</param>
    /// <returns>The stream, once the other side has accepted it. Dispose of it.</returns>
    /// <exception cref="NoHandlerException">Nobody handles streams of this type there.</exception>
    /// <exception cref="RequestRefusedException">One of the nodes has as many streams as it takes, or the member is stopping or has restarted.</exception>
    /// <exception cref="RequestTimeoutException">No answer came in time.</exception>
    /// <exception cref="MemberUnreachableException">The member is not known, is gone, or could not be reached.</exception>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    /// <exception cref="MessageTooLargeException">The headers are too many or too large.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping.</exception>
    public async Task<GossipStream> OpenAsync(NodeId to, int type, StreamOptions? options = null, CancellationToken cancellationToken = default)
    {
        MessageTypeNumber.Checked(type);
        options ??= StreamOptions.Default;
        MessageLimits.Check(MessagePayload.Empty, options.Headers, options.Timeout);
        if (!options.Compression.IsKnown())
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Compression, "The compression is not known: choose one of StreamCompression.");
        }

        if (_stopping)
        {
            throw new GossipStoppedException();
        }

        _host.DemandMembership();
        cancellationToken.ThrowIfCancellationRequested();
        var recipient = Target.Recipient.Of(_host.View, to).OrClient(_host.Clients);
        var target = recipient.Instance;
        if (to == _host.Self.Id || recipient.Obstacle is not null)
        {
            throw new MemberUnreachableException(target, recipient.Obstacle?.Error ?? "a node opens no stream to itself");
        }

        if (!_quota.TryTake(to))
        {
            throw new RequestRefusedException(target, "too many open streams on this node");
        }

        var terms = new StreamTerms(type, options.Headers ?? MessageLimits.EmptyHeaders, options.Compression, _inputPipe, _outputPipe);
        var place = new StreamPlace(_quota, to, holders: 1);
        var stream = await _opener.OpenAsync(target, terms, _options.Window, options, place, cancellationToken).ConfigureAwait(false);
        Counters.Opened.Add();
        return stream;
    }

    /// <summary>
    /// Stops: takes and opens no more streams, waits for those that are open until <paramref name="deadline"/> fires, then aborts them and cancels their
    /// handlers. Does not throw.
    /// </summary>
    internal async Task DrainAsync(CancellationToken deadline)
    {
        _stopping = true;
        try
        {
            await _quota.WhenIdle().WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _host.Logger.StreamDrainTimedOut(_quota.Count);
        }

        await _stopped.CancelAsync().ConfigureAwait(false);
        _opener.FailAll(static () => new GossipStoppedException());
        foreach (var link in _links.Values)
        {
            link.FailAll(Ending.Stopping, tell: true);
        }

        _pulse.Stop();
    }

    /// <summary>Keeps the connections of streams from being taken for idle.</summary>
    /// <returns>Whether there are streams.</returns>
    internal bool SayAlive()
    {
        var view = _host.View;
        foreach (var link in _links.Values)
        {
            if (PendingDeliveries.IsGone(view, link.Peer))
            {
                link.FailAll(Ending.MemberGone, tell: true); // it left, and did not come to end its streams
            }
            else if (link.Count > 0)
            {
                link.SayAlive();
            }
        }

        return _quota.Count > 0;
    }

    private sealed class Registration(GossipStreams streams, KeyValuePair<int, Func<GossipStream, CancellationToken, Task>> entry) : IDisposable
    {
        // Removing the pair, and not the key, makes a second Dispose harmless to a successor.
        public void Dispose() => streams._handlers.TryRemove(entry);
    }
}

namespace Gossip.Transport;

/// <summary>What a connection or a datagram link hands up. Implementations must not block and must not throw.</summary>
internal interface ITransportSink
{
    /// <summary>A datagram arrived. <paramref name="packet"/> is valid during the call only.</summary>
    void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet);

    /// <summary>
    /// How long the thread that reads datagrams may wait for the next one, up to <paramref name="longest"/>. It asks each time, and calls
    /// <see cref="OnQuiet"/> when none came: that thread then does what is due, and no other has to be woken for it.
    /// </summary>
    TimeSpan Patience(TimeSpan longest) => longest;

    /// <summary>No datagram came for as long as <see cref="Patience"/> said.</summary>
    void OnQuiet()
    {
        // Only who has something else to do by then has to know.
    }

    /// <summary>
    /// A whole frame arrived; <paramref name="packet"/> is valid until the returned task ends. The connection reads its
    /// next frame only then, which is how a receiver that falls behind slows its sender.
    /// </summary>
    ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken);

    /// <summary>A connection ended. <paramref name="error"/> is null when it was closed in order.</summary>
    void OnDisconnected(ITransportConnection connection, Exception? error);

    /// <summary>A frame could not be handed to the network: the dial failed, or the connection broke before it was written.</summary>
    void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error);

    /// <summary>A connection that refused a frame of <see cref="ITransportConnection.TrySendBulk"/> has room again. Called on the thread that writes.</summary>
    void OnRoom(ITransportConnection connection)
    {
        // Only who sends in bulk has to know.
    }

    /// <summary>The local host refused to send a datagram: evidence about this node, not about the peer.</summary>
    void OnDatagramSendFailed(in NodeEndpoint to, Exception error);

    /// <summary>The local host could not accept a connection, for want of file descriptors most often. Told once in a while; it goes on being tried.</summary>
    void OnAcceptFailed(Exception error)
    {
        // Only who logs has to know.
    }
}

/// <summary>One side of an established stream connection.</summary>
internal interface ITransportConnection
{
    /// <summary>Unique within the transport, never reused.</summary>
    long Id { get; }

    /// <summary>The endpoint that frames to this peer are addressed to: as dialled, or as bound by <see cref="ITransport.BindConnection"/>.</summary>
    NodeEndpoint Peer { get; }

    /// <summary>Where the other side's socket is, for logs: of an accepted connection a port that nobody listens at.</summary>
    NodeEndpoint RemoteEndpoint { get; }

    /// <summary>Queues a frame on exactly this connection. False when it is closed or its queue is full.</summary>
    bool TrySend(ReadOnlySpan<byte> packet);

    /// <summary>
    /// Queues a frame as <see cref="TrySend"/> does, within the share of the queue that is meant for bulk, so that what is urgent never waits behind more
    /// than that. After a refusal <see cref="ITransportSink.OnRoom"/> follows, unless the connection has ended.
    /// </summary>
    bool TrySendBulk(ReadOnlySpan<byte> packet) => TrySend(packet);

    /// <summary>Closes the connection; frames already queued are written first when <paramref name="error"/> is null.</summary>
    void Close(Exception? error);
}

/// <summary>Datagrams and streams between nodes. All members may be called from any thread.</summary>
internal interface ITransport : IAsyncDisposable
{
    /// <summary>What was bound, with the real port when port 0 was asked for.</summary>
    NodeEndpoint LocalEndpoint { get; }

    /// <summary>True when no datagram link exists, and every packet travels on streams.</summary>
    bool StreamOnly { get; }

    /// <summary>Starts to receive. Called once.</summary>
    void Start(ITransportSink sink);

    /// <summary>Sends a datagram at once; never waits. False when the local host could not send it.</summary>
    bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet);

    /// <summary>Queues a frame for a peer, dialling when there is no connection. False when the peer's queue is full.</summary>
    bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet);

    /// <summary>Queues a frame as <see cref="TrySendFrame"/> does, and leaves it there until <see cref="Flush"/>, so that several to one peer go in one write.</summary>
    bool TryHoldFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => TrySendFrame(to, packet);

    /// <summary>Writes what is queued for a peer, on this thread if no other is at it: to wake one takes longer than to write a little.</summary>
    void Flush(in NodeEndpoint to)
    {
        // Nothing was held.
    }

    /// <summary>Queues a frame as <see cref="TrySendFrame"/> does, and waits while the peer's queue is full.</summary>
    ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken);

    /// <summary>Says that an accepted connection leads to <paramref name="peer"/>, so that frames to it use this connection.</summary>
    void BindConnection(ITransportConnection connection, in NodeEndpoint peer);

    /// <summary>
    /// Closes the connections to a peer that is gone, so that its successor is not spoken to through a connection that leads
    /// nowhere, except those that <paramref name="keep"/> says lead to somebody else by now.
    /// </summary>
    void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason);
}

using System.Buffers;
using System.Collections.Concurrent;
using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>
/// Seals whatever leaves through a transport, and opens whatever arrives: above it there are only plaintext packets that members of the cluster wrote.
/// With an empty ring packets pass as they are, and sealed ones are refused.
/// </summary>
internal sealed class SealedTransport : ITransport, ITransportSink
{
    private readonly ITransport _inner;
    private readonly GossipKeys _keys;
    private readonly ISealedTransportOwner _owner;
    private readonly RefusalBudget _refusals;
    private readonly SealLane _datagramLane;
    private readonly SealLane _streamLane;
    private readonly SealOpener _datagrams;
    private readonly SealOpener _streams;
    private readonly ConcurrentDictionary<long, SealedConnection> _connections = new();
    private ITransportSink? _sink;

    public SealedTransport(ITransport inner, GossipKeys keys, SealScope scope, SealCapacity capacity, ISealedTransportOwner owner, TimeProvider time)
    {
        _inner = inner;
        _keys = keys;
        _owner = owner;
        _refusals = new RefusalBudget(time);
        var boot = SealFormat.NewBoot();
        _datagramLane = new SealLane(scope, SealPath.Datagram, boot);
        _streamLane = new SealLane(scope, SealPath.Stream, boot);
        _datagrams = new SealOpener(scope, SealPath.Datagram, capacity.Datagram);
        _streams = new SealOpener(scope, SealPath.Stream, capacity.Stream);
    }

    public SealCounters Counters { get; } = new();

    public NodeEndpoint LocalEndpoint => _inner.LocalEndpoint;

    public bool StreamOnly => _inner.StreamOnly;

    private ITransportSink Sink => _sink ?? throw new InvalidOperationException("Start comes first.");

    public void Start(ITransportSink sink)
    {
        _sink = sink;
        _inner.Start(this);
    }

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        if (_keys.Ring.Primary is not { } key)
        {
            return _inner.TrySendDatagram(to, packet);
        }

        var buffer = RentSealed(packet);
        try
        {
            // Without datagrams the packet arrives as a frame, and is opened as one.
            return _inner.TrySendDatagram(to, Seal(StreamOnly || !to.HasSocket ? _streamLane : _datagramLane, key, packet, buffer).Span);
        }
        finally
        {
            Return(buffer);
        }
    }

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => TrySendFrame(to, packet, held: false);

    public bool TryHoldFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => TrySendFrame(to, packet, held: true);

    public void Flush(in NodeEndpoint to) => _inner.Flush(to);

    public async ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        if (_keys.Ring.Primary is not { } key)
        {
            await _inner.SendFrameAsync(to, packet, cancellationToken).ConfigureAwait(false);
            return;
        }

        var buffer = RentSealed(packet.Span);
        try
        {
            await _inner.SendFrameAsync(to, Seal(_streamLane, key, packet.Span, buffer), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Return(buffer);
        }
    }

    public bool TrySendOn(ITransportConnection connection, ReadOnlySpan<byte> packet, bool bulk)
    {
        if (_keys.Ring.Primary is not { } key)
        {
            return bulk ? connection.TrySendBulk(packet) : connection.TrySend(packet);
        }

        var buffer = RentSealed(packet);
        try
        {
            var sealedPacket = Seal(_streamLane, key, packet, buffer).Span;
            return bulk ? connection.TrySendBulk(sealedPacket) : connection.TrySend(sealedPacket);
        }
        finally
        {
            Return(buffer);
        }
    }

    /// <summary>
    /// Only a connection from the peer's own address is taken for one to the peer. A seal does not say on which connection it was meant to come: whoever
    /// recorded a frame elsewhere could show it here, and would get all that is sent to its author. To a peer that has only a web address, which tells nothing
    /// about where its own dials come from, this node therefore dials a connection of its own.
    /// </summary>
    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
    {
        if (peer.HasSocket && connection.RemoteEndpoint.Address == peer.Address)
        {
            _inner.BindConnection(((SealedConnection)connection).Inner, peer);
        }
    }

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason) =>
        _inner.Disconnect(peer, keep, reason);

    public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet)
    {
        if (!PacketHeader.TryRead(packet, out var header) || header.Kind == PacketKind.Refusal)
        {
            return;
        }

        var ring = _keys.Ring;
        if (IsPlain(ring, header))
        {
            Sink.OnDatagram(from, packet);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        try
        {
            var verdict = Open(_datagrams, ring, header, packet, buffer);
            if (verdict == SealVerdict.Opened)
            {
                Sink.OnDatagram(from, buffer.AsSpan(0, packet.Length - SealFormat.Overhead));
            }
            else if (verdict != SealVerdict.Replay)
            {
                _owner.OnRefused(from, verdict, header.KeyId);
            }
        }
        finally
        {
            Return(buffer);
        }
    }

    public async ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        var sealedConnection = Wrap(connection);
        if (!PacketHeader.TryRead(packet.Span, out var header))
        {
            await Sink.OnFrameAsync(sealedConnection, packet, cancellationToken).ConfigureAwait(false); // closes the connection
            return;
        }

        if (header.Kind == PacketKind.Refusal)
        {
            if (sealedConnection.Trusted && _keys.Ring.Primary is { } primary)
            {
                _owner.OnNotUnderstood(sealedConnection.RemoteEndpoint, primary.Id);
            }

            if (!TryReportMismatch(sealedConnection))
            {
                HangUpOnStranger(sealedConnection); // nobody refuses what was not said
            }

            return;
        }

        var ring = _keys.Ring;
        if (IsPlain(ring, header))
        {
            sealedConnection.Trusted = true;
            await Sink.OnFrameAsync(sealedConnection, packet, cancellationToken).ConfigureAwait(false);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        try
        {
            var verdict = Open(_streams, ring, header, packet.Span, buffer);
            if (verdict == SealVerdict.Opened)
            {
                sealedConnection.Trusted = true;
                await Sink.OnFrameAsync(sealedConnection, buffer.AsMemory(0, packet.Length - SealFormat.Overhead), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                if (verdict != SealVerdict.Replay)
                {
                    Refuse(sealedConnection, verdict, header);
                }

                HangUpOnStranger(sealedConnection);
            }
        }
        finally
        {
            Return(buffer);
        }
    }

    public void OnDisconnected(ITransportConnection connection, Exception? error)
    {
        var sealedConnection = Wrap(connection);
        _connections.TryRemove(connection.Id, out _);
        Sink.OnDisconnected(sealedConnection, error);
    }

    public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error)
    {
        if (!PacketHeader.TryRead(packet, out var header) || header.Kind == PacketKind.Refusal)
        {
            return; // it came from here, not from above
        }

        if (header.KeyId == 0)
        {
            Sink.OnFrameUndeliverable(to, packet, error);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        try
        {
            var size = packet.Length - SealFormat.Overhead;
            if (!_streamLane.TryReopen(_keys.Ring, packet, buffer))
            {
                // Its key was removed meanwhile: the header still tells that something was lost, and of which kind.
                size = PacketHeader.Size;
                packet[..size].CopyTo(buffer);
                PacketHeader.WriteKeyId(buffer, 0);
            }

            Sink.OnFrameUndeliverable(to, buffer.AsSpan(0, size), error);
        }
        finally
        {
            Return(buffer);
        }
    }

    public void OnRoom(ITransportConnection connection) => Sink.OnRoom(Wrap(connection));

    public TimeSpan Patience(TimeSpan longest) => Sink.Patience(longest);

    public void OnQuiet() => Sink.OnQuiet();

    public void OnDatagramSendFailed(in NodeEndpoint to, Exception error) => Sink.OnDatagramSendFailed(to, error);

    public void OnAcceptFailed(Exception error) => Sink.OnAcceptFailed(error);

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync().ConfigureAwait(false);
        _datagramLane.Dispose();
        _streamLane.Dispose();
        _datagrams.Dispose();
        _streams.Dispose();
    }

    private static bool IsPlain(KeyRing ring, in PacketHeader header) => ring.Primary is null && header.KeyId == 0;

    private static byte[] RentSealed(ReadOnlySpan<byte> packet) => ArrayPool<byte>.Shared.Rent(packet.Length + SealFormat.Overhead);

    private static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    private ReadOnlyMemory<byte> Seal(SealLane lane, RingKey key, ReadOnlySpan<byte> packet, byte[] buffer)
    {
        Counters.Sealed.Add();
        return buffer.AsMemory(0, lane.Seal(key, packet, buffer));
    }

    private SealVerdict Open(SealOpener opener, KeyRing ring, in PacketHeader header, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        var verdict = opener.Open(ring, header, packet, destination);
        Counters.Count(verdict);
        return verdict;
    }

    /// <summary>
    /// Tells the other side why nothing will come of it, in plaintext because there is no key that both know. It gets back its own header, so that a
    /// stranger learns nothing about this node, and no more bytes than it sent.
    /// </summary>
    private void Refuse(SealedConnection connection, SealVerdict verdict, in PacketHeader refused)
    {
        _owner.OnRefused(connection.RemoteEndpoint, verdict, refused.KeyId);
        TryReportMismatch(connection);
        if (_refusals.TryTake())
        {
            Span<byte> refusal = stackalloc byte[PacketHeader.Size];
            (refused with { Version = PacketHeader.CurrentVersion, Kind = PacketKind.Refusal, KeyId = 0 }).Write(refusal);
            connection.Inner.TrySend(refusal);
        }
    }

    /// <summary>
    /// Connections are few, so strangers must not hold any. Between members bad packets are a rotation of keys in the wrong order, which may yet be mended.
    /// </summary>
    private static void HangUpOnStranger(SealedConnection connection)
    {
        if (!connection.Trusted)
        {
            connection.Close(null);
        }
    }

    /// <summary>False when this node did not dial: then there is no word that it could have been refused for.</summary>
    private bool TryReportMismatch(SealedConnection connection)
    {
        if (connection.Peer is not { IsNone: false } dialled)
        {
            return false;
        }

        _owner.OnKeyMismatch(dialled);
        return true;
    }

    private SealedConnection Wrap(ITransportConnection connection) =>
        _connections.TryGetValue(connection.Id, out var known) ? known : _connections.GetOrAdd(connection.Id, new SealedConnection(this, connection));

    private bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet, bool held)
    {
        if (_keys.Ring.Primary is not { } key)
        {
            return TrySendInner(to, packet, held);
        }

        var buffer = RentSealed(packet);
        try
        {
            return TrySendInner(to, Seal(_streamLane, key, packet, buffer).Span, held);
        }
        finally
        {
            Return(buffer);
        }
    }

    private bool TrySendInner(in NodeEndpoint to, ReadOnlySpan<byte> packet, bool held) => held ? _inner.TryHoldFrame(to, packet) : _inner.TrySendFrame(to, packet);
}

using System.Threading.Channels;
using Gossip.Transport;

namespace Gossip.Tests.Transport;

/// <summary>Keeps all that a transport hands up, and lets a test wait for it.</summary>
internal sealed class RecordingSink : ITransportSink
{
    public Channel<(NodeEndpoint From, byte[] Packet)> Datagrams { get; } = Channel.CreateUnbounded<(NodeEndpoint, byte[])>();

    public Channel<(ITransportConnection Connection, byte[] Packet)> Frames { get; } = Channel.CreateUnbounded<(ITransportConnection, byte[])>();

    public Channel<(ITransportConnection Connection, Exception? Error)> Disconnects { get; } = Channel.CreateUnbounded<(ITransportConnection, Exception?)>();

    public Channel<(NodeEndpoint To, byte[] Packet, Exception Error)> Undeliverable { get; } = Channel.CreateUnbounded<(NodeEndpoint, byte[], Exception)>();

    public Channel<(NodeEndpoint To, Exception Error)> SendFailures { get; } = Channel.CreateUnbounded<(NodeEndpoint, Exception)>();

    /// <summary>Runs for each frame before the next one is read.</summary>
    public Func<ITransportConnection, CancellationToken, ValueTask>? Handler { get; set; }

    public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet) => Datagrams.Writer.TryWrite((from, packet.ToArray()));

    public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        Frames.Writer.TryWrite((connection, packet.ToArray()));
        return Handler?.Invoke(connection, cancellationToken) ?? ValueTask.CompletedTask;
    }

    public void OnDisconnected(ITransportConnection connection, Exception? error) => Disconnects.Writer.TryWrite((connection, error));

    public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error) =>
        Undeliverable.Writer.TryWrite((to, packet.ToArray(), error));

    public void OnDatagramSendFailed(in NodeEndpoint to, Exception error) => SendFailures.Writer.TryWrite((to, error));
}

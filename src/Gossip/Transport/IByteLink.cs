namespace Gossip.Transport;

/// <summary>
/// An established two-way path of bytes to a peer: a TCP socket, TLS on one, a WebSocket. All that a way to reach nodes has to bring; frames, queues and
/// timeouts are <see cref="StreamConnection"/>'s. One reader and one writer use it at a time, and disposal ends both.
/// </summary>
internal interface IByteLink : IDisposable
{
    /// <summary>Where the other side is, for logs: of a proxied link the proxy.</summary>
    NodeEndpoint RemoteEndpoint { get; }

    /// <summary>Waits for bytes; 0 when the peer will send no more.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes all of <paramref name="bytes"/>, which is unchanged until then.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Tells the peer that nothing more follows; bytes from it can still be received.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>A link to be: a peer to dial, or an accepted one that has yet to be shaken hands with. Disposal without <see cref="OpenAsync"/> turns it away.</summary>
internal interface ILinkOpening : IDisposable
{
    /// <summary>Establishes the link. Called once; when it throws nothing is left open.</summary>
    ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>A link that is established already, as by a web server.</summary>
internal sealed class ReadyLink(IByteLink link) : ILinkOpening
{
    public ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(link);

    public void Dispose() => link.Dispose();
}

/// <summary>Makes ready to dial a peer. Must not block: the work is <see cref="ILinkOpening.OpenAsync"/>'s.</summary>
internal delegate ILinkOpening LinkDialer(NodeEndpoint peer);

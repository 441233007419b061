namespace Gossip.Transport;

/// <summary>What <see cref="SocketTransport.Bind"/> needs to know.</summary>
internal sealed record TransportOptions
{
    /// <summary>Where to listen; port 0 means one free port for TCP and UDP both.</summary>
    public required NodeEndpoint BindEndpoint { get; init; }

    /// <summary>No UDP: datagrams travel as frames.</summary>
    public bool StreamOnly { get; init; }

    /// <summary>Listens nowhere and has no UDP either: all there is are the connections that this side dials.</summary>
    public bool DialOnly { get; init; }

    /// <summary>Whether datagrams and connections from an endpoint are taken; those of others are dropped unread. Null takes all. Called from any thread.</summary>
    public Predicate<NodeEndpoint>? Admits { get; init; }

    /// <summary>How peers are dialled.</summary>
    public LinkDialer Dialer { get; init; } = static peer => new SocketDial(peer);

    /// <summary>The largest datagram sent: an Ethernet frame less the headers of IPv6, UDP and a tunnel.</summary>
    public int MaxDatagramSize { get; init; } = 1400;

    /// <summary>The largest packet in a frame, sent or received.</summary>
    public int MaxFrameSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many bytes may wait for one connection, those being written included.</summary>
    public int SendQueueBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How many of those bytes may be bulk: enough for a few large writes, and soon written even on a slow network.</summary>
    public int BulkShareBytes { get; init; } = 128 * 1024;

    /// <summary>How many connections may be open before further ones are turned away; dialled ones count, but are never refused.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>How long a dial may take.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A connection without a whole frame in either direction for so long is closed, as is one whose peer takes nothing.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for a second connection to a peer, which is left over when both sides dialled at once.</summary>
    public TimeSpan ExtraIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an accepted connection may take to be established, and then to show a whole first frame.</summary>
    public TimeSpan FirstFrameTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection that was closed in order waits for the peer to close its side.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time after which a connection may be closed because nothing happened.</summary>
    public TimeSpan ShortestTimeout => new(Math.Min(Math.Min(IdleTimeout.Ticks, ExtraIdleTimeout.Ticks), Math.Min(FirstFrameTimeout.Ticks, CloseTimeout.Ticks)));

    /// <summary>How long disposal lets queued frames go out.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The clock of every timeout.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

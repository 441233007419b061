namespace Gossip.Transport;

/// <summary>A sum that any thread may add to.</summary>
internal struct Counter
{
    private long _value;

    public readonly long Value => Volatile.Read(in _value);

    public void Add(long amount = 1) => Interlocked.Add(ref _value, amount);
}

/// <summary>What a transport did so far; the meters read it.</summary>
internal sealed class TransportCounters
{
    public Counter DatagramsIn;
    public Counter DatagramsOut;
    public Counter DatagramBytesIn;
    public Counter DatagramBytesOut;

    /// <summary>Datagrams that the local host had no room for, or refused to send, or that were sent to a disposed transport.</summary>
    public Counter DatagramsDropped;

    /// <summary>Errors of the receiving UDP socket, which goes on after each.</summary>
    public Counter DatagramReceiveErrors;

    public Counter FramesIn;
    public Counter FramesOut;
    public Counter FrameBytesIn;
    public Counter FrameBytesOut;

    /// <summary>Frames that were reported as undeliverable.</summary>
    public Counter FramesUndeliverable;

    /// <summary>Packets refused for their size: datagrams to send, and frames announced by a peer.</summary>
    public Counter Oversize;

    public Counter ConnectionsAccepted;
    public Counter ConnectionsDialled;
    public Counter ConnectionsClosed;

    /// <summary>Connections turned away because <see cref="TransportOptions.MaxConnections"/> were open.</summary>
    public Counter ConnectionsRefused;
    public Counter DialsFailed;
    public Counter AcceptErrors;

    /// <summary>Connections that are established now.</summary>
    public long ConnectionsOpen => ConnectionsAccepted.Value + ConnectionsDialled.Value - ConnectionsClosed.Value;
}

namespace Gossip.Simulation;

internal enum SimEventKind : byte
{
    /// <summary>A node's deadline is due.</summary>
    Tick,

    /// <summary>A datagram arrives.</summary>
    Datagram,

    /// <summary>A frame arrives on a connection.</summary>
    Frame,

    /// <summary>A dial is tried again, or is over.</summary>
    Dial,

    /// <summary>Frames that a cut held up are tried again.</summary>
    Resend,

    /// <summary>One side of a connection learns that the other ended it in order.</summary>
    Finished,

    /// <summary>One side of a connection learns that the other side knows it no more.</summary>
    Reset,

    /// <summary>A process hears that a stream to an endpoint could not be opened, or broke with frames unsent.</summary>
    Undeliverable,

    /// <summary>As undeliverable, because the host said that no process listens there.</summary>
    Refused,

    /// <summary>A process hears from its own host that a datagram could not be sent.</summary>
    SendFailed,

    /// <summary>A process hears that an established connection broke.</summary>
    Disconnected,

    /// <summary>A process hears that an established connection ended in order.</summary>
    Closed,

    /// <summary>A node without company tries its seeds.</summary>
    JoinSeeds,

    /// <summary>The script of a scenario.</summary>
    Action,
}

/// <summary>Something that happens at a virtual time. One type for all kinds, so that the heap holds plain values.</summary>
internal struct SimEvent
{
    public SimEventKind Kind;

    /// <summary>Where it happens.</summary>
    public int Node;

    /// <summary>The other side, if there is one.</summary>
    public int Peer;

    /// <summary>For timers: the start of the process that set them. A timer does not outlive its process.</summary>
    public int Boot;

    public int Length;

    public byte[]? Bytes;

    /// <summary>A <see cref="SimConnection"/> or an <see cref="System.Action"/>.</summary>
    public object? Subject;
}

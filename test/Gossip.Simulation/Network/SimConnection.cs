namespace Gossip.Simulation;

/// <summary>A stream between two processes: ordered and without loss, until it breaks.</summary>
internal sealed class SimConnection(long id, int dialler, int acceptor)
{
    public long Id { get; } = id;

    public int Dialler { get; } = dialler;

    public int Acceptor { get; } = acceptor;

    /// <summary>True until the acceptor's kernel has answered.</summary>
    public bool Dialling { get; set; } = true;

    /// <summary>When a dial without an answer is given up.</summary>
    public long DialDeadline { get; set; }

    public Lane Outward { get; } = new();

    public Lane Inward { get; } = new();

    public Lane LaneFrom(int node) => node == Dialler ? Outward : Inward;

    public int PeerOf(int node) => node == Dialler ? Acceptor : Dialler;

    /// <summary>One direction, and the state of the side that sends on it.</summary>
    internal sealed class Lane
    {
        /// <summary>Whether the sending side still has the connection.</summary>
        public bool Open { get; set; } = true;

        /// <summary>When the last frame arrives: the next one arrives no earlier.</summary>
        public long LastArrival { get; set; }

        /// <summary>Frames that wait for the end of the dial or of a cut.</summary>
        public Queue<(byte[] Bytes, int Length)> Waiting { get; } = new();

        /// <summary>Since when frames wait for the end of a cut.</summary>
        public long StalledSince { get; set; } = long.MaxValue;

        public bool Stalled => StalledSince != long.MaxValue;
    }
}

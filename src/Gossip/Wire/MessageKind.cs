namespace Gossip.Wire;

/// <summary>
/// The engine's messages. The numbers are field numbers of the packet body and never change meaning; a kind that a reader
/// does not know is skipped. <c>docs/wire.md</c> lists the fields of each.
/// </summary>
internal enum MessageKind
{
    None = 0,

    // Failure detection (SWIM §3-4, Lifeguard §IV).
    Ping = 1,
    Ack = 2,
    PingRequest = 3,
    Nack = 4,

    // Dissemination.
    Member = 5,
    Facts = 6,
    Broadcast = 7,

    // Joining.
    JoinRequest = 8,
    JoinReply = 9,

    // Anti-entropy.
    SyncDigest = 10,
    SyncVersions = 11,
    SyncWant = 12,

    // Repair of broadcasts.
    BroadcastDigest = 13,
    BroadcastOffer = 14,
    BroadcastWant = 15,
    BroadcastCopy = 16,

    // User messages.
    Envelope = 32,
    Receipt = 33,
    Reply = 34,
    Cancel = 35,

    // Agreement.
    AcceptorRequest = 40,
    AcceptorReply = 41,
    Proposal = 42,
    ProposalAnswer = 43,
    Turn = 44,

    // Byte streams.
    StreamOpen = 48,
    StreamAnswer = 49,
    StreamData = 50,
    StreamCredit = 51,
    StreamEnd = 52,
    StreamStop = 53,
    StreamReset = 54,
}

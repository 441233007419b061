namespace Gossip.Agreement;

/// <summary>
/// One change of an acceptor's state. It must be durable before the reply that it came with is sent, and before any later reply; after a restart the
/// records are applied again in their order.
/// </summary>
internal abstract record AcceptorRecord;

/// <summary>Nothing below the ballot is accepted any more.</summary>
internal sealed record PromiseRecord(Ballot Ballot) : AcceptorRecord;

/// <summary>A value was accepted, and the next ballot of its proposer promised.</summary>
internal sealed record AcceptRecord(Ballot Ballot, Ballot Next, News News) : AcceptorRecord
{
    /// <summary>What the news lead to, when that was worked out already.</summary>
    public RegisterValue? Value { get; init; }
}

/// <summary>The acceptor entered an epoch, or learned of one in which it has no seat.</summary>
internal sealed record InstallRecord(Ballot Accepted, RegisterValue Value) : AcceptorRecord;

/// <summary>The acceptor took a seat of a list of founders, and gave up the register that it may have belonged to.</summary>
internal sealed record BindRecord(Guid Founders, AcceptorId Seat, RegisterValue Value) : AcceptorRecord;

/// <summary>The acceptor's node followed a register that succeeds its own, in which it has no seat. The acceptor gave up the one that it belonged to, and keeps what it held only to tell of it.</summary>
internal sealed record LeaveRecord(Lineage Lineage, Configuration Configuration) : AcceptorRecord;

/// <summary>All that the acceptor must not forget, in one: the records before it are not needed any more.</summary>
internal sealed record CheckpointRecord(
    Guid Founders, AcceptorId Seat, Ballot Accepted, Ballot Promised, RegisterValue? Value, RegisterValue? Before = null, Ballot BeforeAccepted = default, LeaveRecord? Followed = null) : AcceptorRecord;

namespace Gossip.Agreement;

/// <summary>What an acceptor answers.</summary>
internal abstract record AcceptorReply
{
    /// <summary>Who answers. While a register is founded, the seat that was asked.</summary>
    public AcceptorId From { get; init; }

    /// <summary>That of the request.</summary>
    public ulong Tag { get; init; }
}

/// <summary>The acceptor accepts nothing below the ballot any more.</summary>
/// <param name="Ballot">That of the request.</param>
/// <param name="Accepted">The ballot in which it accepted what it holds.</param>
/// <param name="News">What it holds.</param>
internal sealed record Promise(Ballot Ballot, Ballot Accepted, News News) : AcceptorReply;

/// <summary>The acceptor holds the value.</summary>
/// <param name="Ballot">That of the request.</param>
internal sealed record Accepted(Ballot Ballot) : AcceptorReply;

/// <summary>The acceptor has promised a higher ballot.</summary>
/// <param name="Ballot">That of the request.</param>
/// <param name="Promised">The ballot that it promised.</param>
internal sealed record Rejected(Ballot Ballot, Ballot Promised) : AcceptorReply;

/// <summary>The acceptor would accept, but does not hold the value that the batches begin at.</summary>
/// <param name="Ballot">That of the request.</param>
/// <param name="Held">What it holds; nowhere if batches do not lead on from there.</param>
internal sealed record NeedsBase(Ballot Ballot, Position Held) : AcceptorReply;

/// <summary>What the acceptor has accepted.</summary>
/// <param name="Accepted">In which ballot; none when it holds what the epoch began with.</param>
/// <param name="Position">The value.</param>
/// <param name="News">The value itself, if it was asked for and differs from what the reader holds.</param>
internal sealed record Report(Ballot Accepted, Position Position, News? News) : AcceptorReply;

/// <summary>The epoch of the request is over.</summary>
/// <param name="Register">A later one.</param>
/// <param name="Configuration">Who votes there.</param>
internal sealed record Moved(RegisterId Register, Configuration Configuration) : AcceptorReply;

/// <summary>
/// Nobody who could answer is there: the acceptor was not installed in that epoch, or belongs to another register, or the store is another one.
/// The reply names the acceptor that is really there.
/// </summary>
/// <param name="To">The acceptor that the request was for.</param>
/// <param name="Register">The register that the acceptor belongs to, if any.</param>
/// <param name="Configuration">Who votes there.</param>
internal sealed record Absent(AcceptorId To, RegisterId Register, Configuration? Configuration) : AcceptorReply
{
    /// <summary>The store that was asked for is gone for good: whatever it promised, it can never break.</summary>
    public bool IsOtherStore => From.Node == To.Node && From.Store != To.Store;
}

/// <summary>The newcomer holds a value for the time that it gets a seat.</summary>
/// <param name="Position">The value.</param>
internal sealed record Staged(Position Position) : AcceptorReply;

/// <summary>The acceptor takes part in the epoch, or knows that it does not.</summary>
/// <param name="Register">The epoch.</param>
internal sealed record Installed(RegisterId Register) : AcceptorReply;

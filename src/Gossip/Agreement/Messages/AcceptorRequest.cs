using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>What is asked of one acceptor in one epoch.</summary>
internal abstract record AcceptorRequest
{
    /// <summary>The epoch; the request is void in any other.</summary>
    public RegisterId Register { get; init; }

    /// <summary>The acceptor; another store of the same node does not answer in its place.</summary>
    public AcceptorId To { get; init; }

    /// <summary>Comes back with the reply.</summary>
    public ulong Tag { get; init; }
}

/// <summary>Asks for the promise to accept nothing below a ballot, and for what was accepted (phase 1).</summary>
/// <param name="Ballot">The ballot.</param>
/// <param name="Known">The value that the proposer holds: only what differs is sent.</param>
internal sealed record Prepare(Ballot Ballot, Position Known) : AcceptorRequest;

/// <summary>Asks to accept a value (phase 2), told as what came after a value that the acceptor should hold.</summary>
/// <param name="Ballot">The ballot.</param>
/// <param name="Next">A ballot of the same proposer that accepting also promises, which saves phase 1 of its next round (Rystsov 2018, "CASPaxos" §2.2.1).</param>
/// <param name="News">The value.</param>
internal sealed record Accept(Ballot Ballot, Ballot Next, News News) : AcceptorRequest;

/// <summary>Asks what the acceptor has accepted; changes nothing.</summary>
/// <param name="Known">The value that the reader holds.</param>
/// <param name="WantsNews">Whether to send what came after it: one acceptor is enough for that.</param>
internal sealed record Query(Position Known, bool WantsNews) : AcceptorRequest;

/// <summary>Gives a newcomer the value before the seal names it, so that an epoch never begins with acceptors that cannot be brought up.</summary>
/// <param name="Chosen">The ballot in which it was chosen.</param>
/// <param name="Value">The value.</param>
internal sealed record Stage(Ballot Chosen, RegisterValue Value) : AcceptorRequest;

/// <summary>
/// Brings an acceptor into an epoch: with the opening of a sealed value that was chosen, or with a value that was proposed in that epoch since. To an acceptor without a seat in the epoch it says that its own is over.
/// </summary>
/// <param name="Accepted">The ballot of the value; none for the opening.</param>
/// <param name="Value">The value.</param>
internal sealed record Install(Ballot Accepted, RegisterValue Value) : AcceptorRequest;

/// <summary>How to come to a value: as a whole, or by batches from one that is held.</summary>
/// <param name="Base">Where the batches begin.</param>
/// <param name="Batches">In order.</param>
/// <param name="Full">The whole value, if the batches do not lead there.</param>
/// <param name="After">The position of the value.</param>
internal sealed record News(Position Base, ImmutableArray<Batch> Batches, RegisterValue? Full, Position After)
{
    public static News Of(RegisterValue full) => new(Position.Nowhere, [], full, full.Position);

    /// <summary>The value, for who holds <paramref name="held"/>; null when that leads elsewhere.</summary>
    public RegisterValue? From(RegisterValue? held)
    {
        var value = Full ?? (held?.Position == Base ? held.Apply(Batches) : null);
        return value?.Position == After ? value : null;
    }
}

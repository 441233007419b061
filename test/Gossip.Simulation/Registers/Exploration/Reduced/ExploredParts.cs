using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>To what of its proposer a message belongs. Tags tell no more than this.</summary>
internal enum Belonging
{
    /// <summary>To nothing any more, or the proposer does not look.</summary>
    Past,

    /// <summary>To the phase that the proposer is in.</summary>
    Phase,

    /// <summary>To the reconfiguration that is under way.</summary>
    Staging,
}

/// <summary>A request under way, without its tag. One that is spent was delivered once, and may be only as a duplicate.</summary>
internal sealed record SentRequest(int Proposer, int Acceptor, AcceptorRequest Request, Belonging Belongs, bool IsSpent = false)
{
    public Ballot Ballot => Request switch
    {
        Prepare prepare => prepare.Ballot,
        Accept accept => accept.Ballot,
        _ => Ballot.None,
    };

    /// <summary>It can bring nothing any more but the news that its epoch is over.</summary>
    public bool IsProbe => Request is Query && Belongs == Belonging.Past;

    /// <summary>It asks to accept a value that ends the epoch.</summary>
    public bool IsSeal => Request is Accept accept && (accept.News.Full?.Next is not null || accept.News.Batches.Any(batch => !batch.Seal.IsEmpty));

    /// <summary>It changes nothing that an acceptor says later.</summary>
    public bool IsRead => Request is Query or Stage;

    /// <summary>The same once it belongs to nothing: nobody looks at what it would bring, so it need not say what its proposer holds.</summary>
    public SentRequest Past() => this with { Request = Request is Prepare prepare ? prepare with { Known = Position.Nowhere } : Request, Belongs = Belonging.Past };

    public SentRequest Probe() => this with { Request = new Query(Position.Nowhere, WantsNews: false) { Register = Request.Register, To = Request.To }, Belongs = Belonging.Past };

    public override string ToString() => $"p{Proposer}->a{Acceptor} {Request.GetType().Name} {Ballot} ({Belongs}{(IsSpent ? ", again" : "")})";
}

/// <summary>A reply under way, without its tag.</summary>
internal sealed record SentReply(int Proposer, int Acceptor, AcceptorReply Reply, Belonging Belongs)
{
    /// <summary>Whether a proposer compares the tag before anything else.</summary>
    public bool IsTagged => Reply is Promise or Accepted or Rejected or Installed or Staged or Agreement.Report;

    /// <summary>Whether to take it twice in its phase is the same as once: a proposer puts who agreed, or refused, into a set, and takes the higher of two rounds.</summary>
    public bool IsIdempotent => Reply is Promise { News.Full: not null } or Accepted or Rejected or Staged or Agreement.Report or Moved;

    public override string ToString() => $"a{Acceptor}->p{Proposer} {Reply.GetType().Name} ({Belongs})";
}

/// <summary>What becomes of a request at an acceptor.</summary>
/// <param name="Acceptor">The acceptor afterwards.</param>
/// <param name="Reply">Its reply.</param>
/// <param name="IsTagged">Whether the reply is void when its tag is not that of the phase.</param>
/// <param name="IsMoved">Whether the epoch is over.</param>
/// <param name="Vote">What was accepted, by its number; -1 if nothing was.</param>
internal sealed record Handled(int Acceptor, int Reply, bool IsTagged, bool IsMoved, int Vote);

/// <summary>What a proposer did.</summary>
/// <param name="Proposer">The proposer afterwards.</param>
/// <param name="Requests">What it sent.</param>
/// <param name="IsVisible">Whether anybody else can see it: it sent or answered something, or is in another phase.</param>
/// <param name="IsNewPhase">Whether what belonged to its phase is void now.</param>
/// <param name="IsNewStaging">Whether what belonged to its reconfiguration is void now.</param>
/// <param name="Settled">What it answered.</param>
internal sealed record Acted(int Proposer, int[] Requests, bool IsVisible, bool IsNewPhase, bool IsNewStaging, Settled[] Settled)
{
    /// <summary>After which values that had been chosen its answers were found to be right.</summary>
    public HashSet<int> Checked { get; } = [];
}

/// <summary>How much may still happen.</summary>
internal readonly record struct Left(int Duplicates, int Restarts, int Ticks, int Reconfigurations)
{
    private const int Bits = 4;
    private const int Mask = (1 << Bits) - 1;

    public static Left Of(int number) => new(number & Mask, (number >> Bits) & Mask, (number >> (2 * Bits)) & Mask, number >> (3 * Bits));

    public int Number => Duplicates | (Restarts << Bits) | (Ticks << (2 * Bits)) | (Reconfigurations << (3 * Bits));
}

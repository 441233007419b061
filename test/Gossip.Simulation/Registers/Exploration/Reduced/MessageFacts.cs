using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>What the rules need to know of a request.</summary>
internal readonly struct RequestFacts(SentRequest sent, int past, int probe, int spent)
{
    public int Proposer { get; } = sent.Proposer;

    public int Acceptor { get; } = sent.Acceptor;

    public Belonging Belongs { get; } = sent.Belongs;

    public bool IsSpent { get; } = sent.IsSpent;

    public bool IsProbe { get; } = sent.IsProbe;

    public bool IsPrepare { get; } = sent.Request is Prepare;

    public bool IsAccept { get; } = sent.Request is Accept;

    public bool IsInstall { get; } = sent.Request is Install;

    /// <summary>It changes nothing that an acceptor says later.</summary>
    public bool IsRead { get; } = sent.IsRead;

    /// <summary>It asks to accept a value that ends the epoch.</summary>
    public bool IsSeal { get; } = sent.IsSeal;

    public Ballot Ballot { get; } = sent.Ballot;

    public long Epoch { get; } = sent.Request.Register.Epoch;

    /// <summary>The same once it belongs to nothing.</summary>
    public int Past { get; } = past;

    /// <summary>The same once only the end of its epoch can make news of it.</summary>
    public int Probe { get; } = probe;

    /// <summary>The same once it was delivered.</summary>
    public int Spent { get; } = spent;
}

/// <summary>What the rules need to know of a proposer in one of its states.</summary>
internal sealed class ProposerFacts
{
    public ProposerFacts(ExploredProposer part, int operations)
    {
        var proposer = part.Proposer;
        var phase = ProposerFields.Phase(proposer);
        (IsPreparing, IsAccepting, IsInstalling, IsIdle) = (phase == "Preparing", phase == "Accepting", phase == "Installing", phase == "Idle");
        IsResting = phase is "Idle" or "Leading";
        IsReconfiguring = proposer.IsReconfiguring;
        IsSealing = IsInstalling || (IsAccepting && ProposerFields.Proposed(proposer)!.Next is not null) || (phase == "Leading" && ProposerFields.Value(proposer)!.Next is not null);
        IsStaging = IsReconfiguring && !ProposerFields.IsSealDue(proposer);
        IsDone = IsResting && !IsReconfiguring && part.Asked == operations && proposer.Waiting == 0;
        Epoch = proposer.Register.Epoch;
        Ballot = ProposerFields.Ballot(proposer);
        var first = ProposerFields.FirstFutureBallot(proposer);
        Lowest = phase is "Idle" or "Installing" || first < Ballot ? first : Ballot;
    }

    public bool IsPreparing { get; }

    public bool IsAccepting { get; }

    public bool IsInstalling { get; }

    public bool IsIdle { get; }

    /// <summary>It waits for no vote.</summary>
    public bool IsResting { get; }

    public bool IsReconfiguring { get; }

    /// <summary>It holds, or has sent, a value that ends the epoch.</summary>
    public bool IsSealing { get; }

    /// <summary>It asks whether the next acceptors are there. Once enough are, who else is makes no difference.</summary>
    public bool IsStaging { get; }

    /// <summary>It never does anything again by itself.</summary>
    public bool IsDone { get; }

    public long Epoch { get; }

    public Ballot Ballot { get; }

    /// <summary>All that it is still to send is in this ballot or above: a ballot that it has, and the next one of a round, are below those that it may take later.</summary>
    public Ballot Lowest { get; }
}

/// <summary>What the rules need to know of an acceptor in one of its states.</summary>
internal readonly struct AcceptorFacts(ExploredAcceptor part)
{
    public long Epoch { get; } = part.Port.Acceptor.Register.Epoch;

    public Ballot Promised { get; } = part.Port.Acceptor.PromisedBallot;

    public bool IsSealed { get; } = part.Port.Acceptor.Value?.Next is not null;
}

namespace Gossip.Agreement;

/// <summary>What the agreement of a node wants done. Its owner carries it out after each call, and clears it.</summary>
internal sealed class AgreementOutbox
{
    /// <summary>Requests to acceptors, this node's own among them.</summary>
    public List<(NodeId To, AcceptorRequest Request)> Requests { get; } = [];

    /// <summary>Answers of this node's acceptor, in order.</summary>
    public List<GatedReply> Replies { get; } = [];

    /// <summary>Changes for the proposers of nodes, this node's own among them.</summary>
    public List<(NodeId To, Proposal Proposal)> Proposals { get; } = [];

    /// <summary>Answers of this node's proposer; the session of each says for whom it is.</summary>
    public List<ProposalAnswer> Answers { get; } = [];

    /// <summary>Calls of users that ended.</summary>
    public List<ClientResult> Results { get; } = [];

    /// <summary>What members hold, for whoever asked for it.</summary>
    public List<RegisterSurvey> Surveys { get; } = [];

    /// <summary>Words about turns, for this node's own users among others.</summary>
    public List<(NodeId To, TurnMessage Message)> Turns { get; } = [];

    /// <summary>Calls for turns that ended; number 0 for those that go on without one.</summary>
    public List<(long Ticket, ulong Number)> Granted { get; } = [];

    /// <summary>What happened, for logs.</summary>
    public List<AgreementEvent> Events { get; } = [];

    public void Clear()
    {
        Requests.Clear();
        Replies.Clear();
        Proposals.Clear();
        Answers.Clear();
        Results.Clear();
        Surveys.Clear();
        Turns.Clear();
        Granted.Clear();
        Events.Clear();
    }
}

/// <summary>
/// An answer that must not leave before a record is safe, and before all earlier records are: even an answer that changed nothing may tell what they hold.
/// </summary>
/// <param name="To">Who asked; a default value for nobody.</param>
/// <param name="Reply">The answer; null when there is only something to keep.</param>
/// <param name="Record">What to make durable first, if anything.</param>
/// <param name="Checkpoint">All that the acceptor knows with that record.</param>
internal readonly record struct GatedReply(NodeInstance To, AcceptorReply? Reply, AcceptorRecord? Record, CheckpointRecord? Checkpoint);

/// <summary>Something that an operator wants to know.</summary>
/// <param name="Kind">What.</param>
/// <param name="Text">Who or which, in words.</param>
internal readonly record struct AgreementEvent(AgreementEventKind Kind, string Text);

internal enum AgreementEventKind
{
    /// <summary>The node knows a cluster now.</summary>
    Joined,

    /// <summary>Others vote from now on.</summary>
    EpochChanged,

    /// <summary>The seats were to change and did not: somebody did not answer.</summary>
    ReconfigurationFailed,

    /// <summary>A member belongs to another cluster.</summary>
    ForeignCluster,

    /// <summary>Another copy of this node's store was in use: it does not vote any more, and that is to be noted in the store.</summary>
    StoreSuperseded,

    /// <summary>The seats are to change.</summary>
    Reconfiguring,

    /// <summary>It is proven that a majority of the acceptors is gone for good.</summary>
    Lost,

    /// <summary>The node turned to the successor of its register.</summary>
    Superseded,

    /// <summary>A member belongs to another successor of the same register, or to one of the node's own register although that has its majority.</summary>
    RivalSuccessor,

    /// <summary>An operator has this node found a successor.</summary>
    Recovering,

    /// <summary>The seats have changed.</summary>
    Reconfigured,
}

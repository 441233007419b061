using Gossip.Node;

namespace Gossip.Agreement;

/// <summary>
/// The whole agreement of one life of a node as a state machine: its vote, its proposer, its client, founding and the care for seats. Messages, what gossip says of the others, and time go in;
/// out come messages, records to keep, and results. Pure: its owner carries out the outbox after each call.
/// </summary>
internal sealed partial class AgreementEngine
{
    private const long InternalTicket = -1;

    private readonly AgreementSetup _setup;
    private readonly AgreementOutbox _outbox;
    private readonly ProposerOutbox _proposed = new();
    private readonly ClientOutbox _asked = new();
    private readonly Acceptor _acceptor;
    private readonly AcceptorHandler _handle;
    private readonly Proposer _proposer;
    private readonly ProposalDesk _desk;
    private readonly RegisterClient _client;
    private readonly Foundation _foundation;
    private readonly SeatKeeper _keeper;
    private readonly StoreWatch _stores = new();
    private readonly TurnQueue _turns;
    private readonly TurnTaker _taker;
    private readonly SeededRandom _random;
    private readonly Dictionary<NodeId, AgreementPeer> _peers = [];
    private AgreementNotice? _notice;
    private RegisterId _followed;
    private long _lookAt;
    private long _dueSince = long.MaxValue;

    /// <param name="setup">Who the node is.</param>
    /// <param name="acceptor">The node's vote, with what its store kept.</param>
    /// <param name="outbox">What is to be done.</param>
    /// <param name="handle">How the acceptor is asked. Default: by its own method; a test may put a bug between.</param>
    public AgreementEngine(AgreementSetup setup, Acceptor acceptor, AgreementOutbox outbox, AcceptorHandler? handle = null)
    {
        (_setup, _acceptor, _outbox, _handle) = (setup, acceptor, outbox, handle ?? acceptor.Handle);
        var random = _random = new SeededRandom(setup.RandomSeed);
        _proposer = new Proposer(setup.Self, setup.ProposerTiming, new SeededRandom(random.NextUInt64()), _proposed);
        _desk = new ProposalDesk(_proposer, setup.ProposerTiming);
        _client = new RegisterClient(setup.Self, setup.ClientTiming, new SeededRandom(random.NextUInt64()), _asked);
        _foundation = new Foundation(setup, setup.FoundingTiming);
        _keeper = new SeatKeeper(setup);
        _loss = new LossWatch(setup.SuccessionTiming);
        _turns = new TurnQueue(outbox);
        _taker = new TurnTaker(setup.Self, outbox);
    }

    /// <summary>The cluster that this node belongs to; none before the founding.</summary>
    public Lineage Lineage { get; private set; }

    /// <summary>Who votes; null before the founding.</summary>
    public Configuration? Configuration => _client.Configuration;

    /// <summary>The latest value that this node knows to have been chosen.</summary>
    public RegisterValue? Known => Later(_client.Known, _proposer.Chosen);

    public bool IsLeading => _proposer.IsLeading && _proposer.Register.Epoch > 0;

    public bool HasSeat => Configuration?.Contains(_setup.Acceptor) == true;

    /// <summary>A former store of this node has a seat.</summary>
    private bool HadSeat => Configuration?.Acceptors.Any(seat => seat.Node == _setup.Acceptor.Node && seat != _setup.Acceptor) == true;

    public Acceptor Acceptor => _acceptor;

    public Proposer Proposer => _proposer;

    public IReadOnlyDictionary<NodeId, AgreementPeer> Peers => _peers;

    public bool IsRetired => _keeper.IsRetired;

    /// <summary>How many calls wait for an answer.</summary>
    public int Waiting => _client.Waiting;

    /// <summary>What those wait for who call before the founding.</summary>
    public string WaitsFor => Founders.WaitsFor;

    /// <summary>What the node tells all others; the same object until it changes.</summary>
    public AgreementNotice Notice
    {
        get
        {
            var configuration = HasSeat || _loss.IsSuspected ? Configuration : null;
            var founders = Founders.OwnIndex >= 0 ? Founders.List!.Id : Guid.Empty;
            var offersSeat = _keeper.OffersSeat && !(HasGivenUp && !_loss.IsSettled);
            var disowned = HadSeat ? Configuration!.Epoch : 0;
            var isAsTold = _notice is { } told && told.Lineage == Lineage && ReferenceEquals(told.Configuration, configuration) && told.OffersSeat == offersSeat && told.Founders == founders && told.Disowned == disowned && told.Sightings == _stores.Told;
            return isAsTold ? _notice! : _notice = new AgreementNotice
            {
                Store = _setup.Acceptor.Store,
                IsDurable = _setup.IsDurable,
                OffersSeat = offersSeat,
                IsObserver = !_setup.OffersSeat,
                Zone = _setup.Zone,
                Founders = founders,
                FoundingSeat = Founders.OwnIndex,
                Expect = _setup.Founding.Expected,
                ExpectOf = _setup.Founding.Of,
                Lineage = Lineage,
                Configuration = configuration,
                Disowned = disowned,
                Boots = _setup.Boots,
                Life = _setup.Self.Generation,
                Sightings = _stores.Told,
            };
        }
    }

    public long NextDeadline => Math.Min(Math.Min(Math.Min(_proposer.NextDeadline, _client.NextDeadline), _lookAt), Math.Min(_turns.NextDeadline, _taker.NextDeadline));

    /// <summary>Begins: what the store kept is taken up again.</summary>
    public void Start(long now)
    {
        _lookAt = now;
        FollowAcceptor(now);
        Finish(now);
    }

    /// <summary>Takes what gossip knows of the other members.</summary>
    public void OnPeers(long now, IEnumerable<AgreementPeer> peers)
    {
        _peers.Clear();
        foreach (var peer in peers)
        {
            _peers[peer.Id] = peer;
            _height = Math.Max(_height, peer.Height);
        }

        LookAtStores(now);
        foreach (var peer in _peers.Values.OrderByDescending(static peer => peer.IsPresent)) // what those tell who are gone may be of a cluster that is
        {
            if (peer.Notice is { Configuration: { } configuration } notice)
            {
                Follow(now, notice.Lineage, configuration, peer);
            }
        }

        LookForLoss(now);
        if (Configuration is null || _succession is not null)
        {
            _lookAt = Math.Min(_lookAt, now);
        }

        KeepAttendance();

        Finish(now);
    }

    /// <summary>A request to this node's acceptor.</summary>
    public void OnRequest(long now, NodeInstance from, AcceptorRequest request)
    {
        if (request is Inquiry inquiry)
        {
            OnInquiry(now, from, inquiry);
            Finish(now);
            return;
        }

        if (_keeper.IsRetired)
        {
            return; // what it said could not be kept
        }

        if (!Lineage.IsNone && request switch
        {
            Install install => !MayInstall(install.Value.Lineage, from.Id),
            Stage { Value.Lineage: { IsNone: false } lineage } => !MayStage(lineage), // or an epoch is sealed that this node would never enter
            _ => false,
        })
        {
            return;
        }

        var record = _handle(request, out var reply);
        var isRefused = request is Install && reply is Absent; // whoever is told so sends it again at once
        _outbox.Replies.Add(new GatedReply(from, isRefused ? null : reply, record, record is null ? null : _acceptor.Checkpoint()));
        if (record is InstallRecord)
        {
            FollowAcceptor(now);
        }
        else if (_acceptor.Register == _proposer.Register && _acceptor.PromisedBallot.Proposer != _setup.Self)
        {
            _proposer.HearOf(now, _acceptor.PromisedBallot);
        }

        Finish(now);
    }

    /// <summary>An acceptor's answer to this node. What somebody says in another's name counts for nothing.</summary>
    public void OnReply(long now, NodeId from, AcceptorReply reply)
    {
        if (!IsFrom(from, reply.From))
        {
            return;
        }

        if (reply is Testimony testimony)
        {
            OnTestimony(now, testimony);
        }
        else if (ClientReads.IsForRead(reply))
        {
            _client.OnReply(now, reply);
        }
        else
        {
            _proposer.OnReply(now, reply);
        }

        Finish(now);
    }

    /// <summary>A change for this node's proposer.</summary>
    public void OnProposal(long now, Proposal proposal)
    {
        if (_desk.Submit(now, proposal) is { } refusal)
        {
            _outbox.Answers.Add(refusal);
        }

        Finish(now);
    }

    /// <summary>A proposer's answer to this node's client.</summary>
    public void OnAnswer(long now, NodeId from, ProposalAnswer answer)
    {
        _client.OnAnswer(now, from, answer);
        Finish(now);
    }

    /// <summary>A node cannot be reached, or its process ended.</summary>
    public void OnUnreachable(long now, NodeId node)
    {
        _proposer.OnUnreachable(now, node);
        _client.OnUnreachable(now, node);
        _taker.OnUnreachable(node);
        Finish(now);
    }

    /// <summary>Asks for a turn.</summary>
    public void TakeTurn(long ticket, long deadline) => _taker.Ask(ticket, deadline, _client.Leader);

    /// <summary>A user of this node is done with a turn.</summary>
    public void EndTurn(ulong number) => _taker.End(number);

    /// <summary>Somebody says something about a turn.</summary>
    public void OnTurn(long now, NodeId from, TurnMessage message)
    {
        switch (message.Step)
        {
            case TurnStep.Ask when message.Turn.Owner.Id == from:
                _turns.Ask(now, message.Turn);
                break;
            case TurnStep.End when message.Turn.Owner.Id == from:
                _turns.End(now, message.Turn);
                break;
            case TurnStep.Grant when message.Turn.Owner == _setup.Self:
                _taker.OnGrant(from, message.Turn);
                break;
        }
    }

    /// <summary>The store of this node failed. Its vote is void from now on, and somebody else should have its seat.</summary>
    public void OnStoreFailed(long now)
    {
        _keeper.IsRetired = true;
        _lookAt = now;
        Finish(now);
    }

    private void LookAtStores(long now)
    {
        _stores.Look(_peers, Configuration);
        if (!_keeper.IsRetired && StoreWatch.FindWitness(_peers.Values, _setup) is { } witness)
        {
            _outbox.Events.Add(new AgreementEvent(AgreementEventKind.StoreSuperseded, $"{witness.Address}"));
            OnStoreFailed(now);
        }
    }

    /// <summary>Says whether the node wants a seat. When it does not, because it is about to stop, whoever is in charge gives its seat to another.</summary>
    public void OfferSeat(long now, bool offers)
    {
        _keeper.IsLeaving = !offers;
        _lookAt = now;
        Finish(now);
    }

    public void Change(long now, long ticket, ReadOnlyMemory<byte> body, long deadline)
    {
        _client.Change(now, ticket, body, deadline);
        Finish(now);
    }

    public void Read(long now, long ticket, long deadline)
    {
        _client.Read(now, ticket, deadline);
        Finish(now);
    }

    public void OnTick(long now)
    {
        if (now >= _proposer.NextDeadline)
        {
            _proposer.OnTick(now);
        }

        if (now >= _client.NextDeadline)
        {
            _client.OnTick(now);
        }

        _turns.OnTick(now);
        if (now >= _taker.NextDeadline)
        {
            _taker.OnTick(now);
        }

        if (now >= _lookAt)
        {
            Look(now);
        }

        Finish(now);
    }

    /// <summary>Ends all that waits.</summary>
    public void Stop(long now)
    {
        _client.Stop();
        _taker.Stop();
        Finish(now);
    }

    private static RegisterValue? Later(RegisterValue? one, RegisterValue? other) =>
        one is null || (other is not null && (other.Lineage.Ordinal, other.Position.Revision).CompareTo((one.Lineage.Ordinal, one.Position.Revision)) > 0) ? other : one;
}

/// <summary>Asks an acceptor something; see <see cref="Acceptor.Handle"/>.</summary>
internal delegate AcceptorRecord? AcceptorHandler(AcceptorRequest request, out AcceptorReply reply);

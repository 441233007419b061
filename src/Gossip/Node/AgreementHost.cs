using Gossip.Agreement;
using Gossip.Diagnostics;
using Gossip.Tables;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>The agreement of a running node: its engine with a pump, a store and the network, and the calls of the node's users.</summary>
internal sealed partial class AgreementHost : IRegister, IAsyncDisposable
{
    /// <summary>How long a node that keeps nothing on disk waits, when it stops, for another one to have taken its seat.</summary>
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(2);

    private readonly AgreementSetup _setup;
    private readonly AgreementOutbox _outbox = new();
    private readonly AgreementEngine _engine;
    private readonly AgreementPump _pump;
    private readonly StoreWriter _writer;
    private readonly AgreementLinks _links;
    private readonly NoticePublisher _publisher;
    private readonly PeerDirectory _directory = new();
    private readonly Dictionary<long, PendingCall> _calls = [];
    private readonly Dictionary<long, TurnHandle> _turns = [];
    private readonly HashSet<NodeId> _spokenTo = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private readonly ViewFeed _views;
    private TaskCompletionSource? _handedOver;
    private RegisterValue? _known;
    private long _lastTicket;
    private int _isViewPending;

    public AgreementHost(AgreementSetup setup, Acceptor acceptor, IAcceptorStore store, AgreementLinks links, ISystemFacts facts, ViewFeed views, TimeProvider time, ILogger logger)
    {
        (_setup, _links, _views, _logger) = (setup, links, views, logger);
        _engine = new AgreementEngine(setup, acceptor, _outbox);
        _writer = new StoreWriter(store, OnStoreFailed, time);
        _publisher = new NoticePublisher(facts, error => AgreementLog.NoticeRefused(logger, error), time, _stop.Token);
        _pump = new AgreementPump(_engine, _outbox, CarryOut, error => AgreementLog.PumpFailed(logger, error), time);
    }

    public RegisterValue? Known => Volatile.Read(ref _known);

    public void Start()
    {
        _pump.Start();
        OnView();
    }

    /// <summary>There is another view.</summary>
    public void OnView()
    {
        if (Interlocked.Exchange(ref _isViewPending, 1) == 0)
        {
            _pump.Post((engine, now) =>
            {
                Volatile.Write(ref _isViewPending, 0);
                engine.OnPeers(now, _directory.Read(_views.Current));
            });
        }
    }

    /// <summary>A packet of the agreement arrived.</summary>
    public void OnPacket(in PacketHeader header, ReadOnlySpan<byte> packet)
    {
        var from = header.Sender.Id;
        if (_links.Read(packet, from) is { } message)
        {
            _pump.TryPost((engine, now) => Handle(engine, now, from, message), packet.Length);
        }
    }

    /// <summary>What was sent to a node did not arrive, or its connection ended: its process may be gone.</summary>
    public void OnUnreachable(in NodeEndpoint endpoint)
    {
        if (_links.Find(endpoint) is { } node)
        {
            _pump.Post((engine, now) => engine.OnUnreachable(now, node));
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ChangeAsync(ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken) =>
        (await CallAsync(isChange: true, (engine, now, ticket) => engine.Change(now, ticket, body, now + timeout.Ticks), timeout, cancellationToken).ConfigureAwait(false)).Result;

    public async ValueTask<RegisterValue> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        (await CallAsync(isChange: false, (engine, now, ticket) => engine.Read(now, ticket, now + timeout.Ticks), timeout, cancellationToken).ConfigureAwait(false)).Value!;

    public async ValueTask<IAsyncDisposable> TakeTurnAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var turn = new TurnHandle(EndTurn);
        _pump.Post(
            (engine, now) =>
            {
                _turns.Add(++_lastTicket, turn);
                engine.TakeTurn(_lastTicket, now + timeout.Ticks);
            },
            here: true);
        try
        {
            await WaitAsync(turn.Granted, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await turn.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return turn;
    }

    /// <summary>What the node knows of the table and those who decide about it.</summary>
    public Task<TableStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        AskAsync((engine, now) => TableStatusReport.Of(engine, _setup, _views.Current, now), cancellationToken);

    /// <summary>Runs something on the pump and returns its result.</summary>
    public async Task<T> AskAsync<T>(Func<AgreementEngine, long, T> ask, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pump.Post((engine, now) => answer.TrySetResult(ask(engine, now)));
        return await WaitAsync(answer.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Before the node leaves: what dies with the process is given to another one first, if there is one.</summary>
    public async Task GiveSeatAwayAsync(CancellationToken cancellationToken)
    {
        if (_setup.IsDurable)
        {
            return; // it keeps its seat over a restart
        }

        var handedOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pump.Post((engine, now) =>
        {
            _handedOver = handedOver;
            engine.OfferSeat(now, offers: false);
            LookAtHandOver();
        });
        try
        {
            await WaitAsync(handedOver.Task.WaitAsync(HandOverPatience, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or GossipStateException)
        {
            // A stop that is short of time still says goodbye.
            AgreementLog.SeatNotGivenAway(_logger, HandOverPatience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pump.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _publisher.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Handle(AgreementEngine engine, long now, NodeId from, AgreementMessage message)
    {
        switch (message)
        {
            case { Body: AcceptorRequest request } when !_writer.IsFull:
                engine.OnRequest(now, new NodeInstance(from, message.Life), request);
                break;
            case { Body: AcceptorReply reply }:
                engine.OnReply(now, from, reply);
                break;
            case { Body: Proposal proposal }:
                engine.OnProposal(now, proposal);
                break;
            case { Body: ProposalAnswer answer }:
                engine.OnAnswer(now, from, answer);
                break;
            case { Body: TurnMessage turn }:
                engine.OnTurn(now, from, turn);
                break;
        }
    }

    private async ValueTask<ClientResult> CallAsync(bool isChange, Action<AgreementEngine, long, long> begin, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new PendingCall(isChange);
        _pump.Post(
            (engine, now) =>
            {
                _calls.Add(++_lastTicket, call);
                call.Begin();
                begin(engine, now, _lastTicket);
            },
            here: true);
        var result = await call.WaitAsync(_pump.Ended, cancellationToken).ConfigureAwait(false);
        return result.Status switch
        {
            ClientStatus.Done => result,
            ClientStatus.Stopped => throw Stopped(),
            ClientStatus.Abandoned => throw new TableUnavailableException(
                "The node stopped before it heard what became of the change. Whether it happens is not known: a read on another node shows it.", mayHaveHappened: true),
            _ when call.Supersession is { } supersession => throw new TableSupersededException(supersession),
            _ => throw new TableUnavailableException(
                $"The table was not available within {timeout}. {call.Diagnosis}" + (result.Status == ClientStatus.Unknown ? " Whether the change happens is not known: read again to see." : ""),
                result.Status == ClientStatus.Unknown),
        };
    }

    private async Task<T> WaitAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        await WaitAsync((Task)task, cancellationToken).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    private async Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        if (!task.IsCompleted)
        {
            // Whatever is queued after the pump's last batch is never run.
            await Task.WhenAny(task, _pump.Ended).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!task.IsCompleted)
            {
                throw Stopped();
            }
        }

        await task.ConfigureAwait(false);
    }

    private void OnStoreFailed(Exception error)
    {
        AgreementLog.StoreFailed(_logger, error);
        _pump.Post(static (engine, now) => engine.OnStoreFailed(now));
    }

    private void CarryOut(AgreementOutbox outbox)
    {
        if (outbox.Events.Exists(static happening => happening.Kind == AgreementEventKind.StoreSuperseded))
        {
            _writer.Supersede(); // first of all: no vote of this store leaves any more
        }

        Send(outbox);
        Conclude(outbox);
        ConcludeSuccession(outbox);
        foreach (var happening in outbox.Events)
        {
            AgreementLog.Report(_logger, happening);
        }

        _publisher.Offer(_engine.Notice, _engine.IsLeading && _engine.Proposer.Chosen?.State is TableState table ? table.Version.Number : -1);
        LookAtHandOver();
    }

    /// <summary>What goes to this node itself is queued like all that arrives.</summary>
    private void Send(AgreementOutbox outbox)
    {
        foreach (var (to, request) in outbox.Requests)
        {
            if (to == _setup.Self.Id)
            {
                _pump.Post((engine, now) => Handle(engine, now, to, new AgreementMessage(_setup.Self.Generation, request)));
            }
            else
            {
                _links.Send(to, request);
                _spokenTo.Add(to);
            }
        }

        foreach (var reply in outbox.Replies)
        {
            _writer.Append(reply.Record, reply.Checkpoint, () => Deliver(reply));
        }

        foreach (var (to, proposal) in outbox.Proposals)
        {
            if (to == _setup.Self.Id)
            {
                _pump.Post((engine, now) => engine.OnProposal(now, proposal));
            }
            else if (_links.Send(to, proposal))
            {
                _spokenTo.Add(to);
            }
            else
            {
                _pump.Post((engine, now) => engine.OnUnreachable(now, to));
            }
        }

        foreach (var answer in outbox.Answers)
        {
            if (answer.Id.Session == _setup.Self)
            {
                _pump.Post((engine, now) => engine.OnAnswer(now, _setup.Self.Id, answer));
            }
            else
            {
                _links.Send(answer);
                _spokenTo.Add(answer.Id.Session.Id);
            }
        }

        foreach (var (to, message) in outbox.Turns)
        {
            Say(to, message);
        }

        foreach (var node in _spokenTo)
        {
            _links.Flush(node);
        }

        _spokenTo.Clear();
    }

    private void Conclude(AgreementOutbox outbox)
    {
        // Before the results, so that who waited finds here what it was told.
        Volatile.Write(ref _known, _engine.Known);
        foreach (var result in outbox.Results)
        {
            if (_calls.Remove(result.Ticket, out var call))
            {
                var isOpen = result.Status is ClientStatus.NotSent or ClientStatus.Unknown;
                call.Complete(result, isOpen ? Diagnose(result) : "", isOpen ? _engine.Supersession() : null);
            }
        }

        foreach (var (ticket, number) in outbox.Granted)
        {
            if (_turns.Remove(ticket, out var turn))
            {
                turn.Grant(number);
            }
        }
    }

    private string Diagnose(ClientResult result) => result.WasBusy
        ? "Those who decide have too much to do: as many changes wait, or as many results are kept for clients that may ask again, as there is room for. Results of clients that fell silent are dropped after some minutes."
        : _engine.Diagnosis(_pump.Now);

    private void Say(NodeId to, TurnMessage message)
    {
        if (to == _setup.Self.Id)
        {
            _pump.Post((engine, now) => engine.OnTurn(now, to, message));
        }
        else
        {
            _links.Send(to, message);
            _spokenTo.Add(to);
        }
    }

    /// <summary>The node that gave the turn may not be the one that is in charge now; then it ends there by itself.</summary>
    private void EndTurn(ulong number) => _pump.Post((engine, _) => engine.EndTurn(number));

    private void Deliver(GatedReply gated)
    {
        if (gated.Reply is not { } reply)
        {
            return;
        }

        if (gated.To == _setup.Self)
        {
            _pump.Post((engine, now) => engine.OnReply(now, _setup.Self.Id, reply), here: true);
        }
        else
        {
            _links.Send(gated.To, reply);
            _links.Flush(gated.To.Id);
        }
    }

    private void LookAtHandOver()
    {
        var isAlone = !_engine.Peers.Values.Any(static peer => peer is { IsPresent: true, Notice.OffersSeat: true });
        if (_handedOver is not null && (!_engine.HasSeat || isAlone))
        {
            _handedOver.TrySetResult();
        }
    }

    private static GossipStateException Stopped() => new("A call to the table", GossipNodeState.Stopped);
}

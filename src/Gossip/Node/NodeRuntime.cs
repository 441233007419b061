using Gossip.Diagnostics;
using Gossip.Discovery;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>The running parts of a started node, wired together: sockets, pump, engine, views, seeds and messaging.</summary>
internal sealed partial class NodeRuntime : IPumpOwner, IAsyncDisposable
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly GossipOptions _options;
    private readonly GossipMessaging _messaging;
    private readonly GossipStreams _streams;
    private readonly AddressPlan _plan;
    private readonly SealedTransport _sealing;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _failed;
    private readonly SeededRandom _random;
    private readonly HybridClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _leaveSettled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _seedLoop = Task.CompletedTask;
    private long _viewVersion;
    private readonly LogLimit _warnings;
    private readonly LogLimit _refusals; // strangers cause these, and must not keep other warnings out
    private volatile bool _leaving;

    public NodeRuntime(GossipOptions options, AddressPlan plan, GossipMessaging messaging, GossipStreams streams, GossipKeys keys, TimeProvider time, ILogger logger, ulong randomSeed, Action failed)
    {
        _failed = failed;
        Stopped = _stop.Token;
        _options = options;
        _plan = plan;
        _messaging = messaging;
        _streams = streams;
        _time = time;
        _logger = logger;
        _warnings = new LogLimit(time, WarningInterval);
        _refusals = new LogLimit(time, WarningInterval);
        _random = new SeededRandom(randomSeed);
        Identity = new NodeIdentity(options, plan.Advertised, time.GetUtcNow(), _random);
        MaxDatagramSize = options.MaxDatagramSize - (keys.Primary is null ? 0 : SealFormat.Overhead);
        _sealing = new SealedTransport(
            plan.Transport,
            keys,
            new SealScope(options.ClusterName, options.ServiceId),
            SealCapacity.For(options.MaxMembers),
            new KeyMismatchWatch(dialled => Joiner!.OnKeyMismatch(dialled), time, logger),
            time);
        Pump = new Pump(_sealing, EngineOptions(), this, time);
        var local = new ClusterMember
        {
            Instance = Identity.Instance,
            Address = Identity.Endpoint.SocketPart.ToIPEndPoint(),
            Web = Identity.Endpoint.Web,
            State = MemberState.Joining,
            Incarnation = 0,
            IsLocal = true,
        };
        Views = new ViewFeed(new ClusterView(0, local, [local]));
        Joiner = new Joiner(Pump, SeedLookup.Resolver(options, time, _random.NextUInt64()), () => Identity.Endpoint, time);
        Seeds = new SeedKeeper(Joiner, Views, SeedSources.Of(options, time, logger), time, logger, options.Client ? SeedKeeper.LastDelayOfClient : SeedKeeper.LastDelay);
        Seeds.Add(plan.Seeds, SeedsAreGuesses);
    }

    public NodeIdentity Identity { get; }

    public Pump Pump { get; }

    public Joiner Joiner { get; }

    public SeedKeeper Seeds { get; }

    public ViewFeed Views { get; }

    public ITransport Transport => _sealing;

    public SocketTransport Sockets => _plan.Transport;

    public SealCounters Seals => _sealing.Counters;

    /// <summary>The largest packet that fits a datagram once it is sealed.</summary>
    public int MaxDatagramSize { get; }

    /// <summary>Fires when the node stops.</summary>
    public CancellationToken Stopped { get; }

    /// <summary>True when the seeds are guesses of a parameterless start, whose absence is normal.</summary>
    public bool SeedsAreGuesses => _options.Seeds.Count == 0 && !_options.HasSeedProviders;

    /// <summary>Set when the pump died.</summary>
    public Exception? Failure { get; private set; }

    public NodeCounters Counters { get; } = new();

    public BroadcastCounters BroadcastCounters { get; } = new();

    /// <summary>The node's part in the table; null without one.</summary>
    public NodeTable? Table { get; private set; }

    /// <summary>Starts everything and tries the seeds once.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Table is not null)
        {
            var isDeveloper = !_options.Client && !_options.WebOnly && _options.BindAddress is null && SeedsAreGuesses;
            Table = NodeTable.Open(_options, Identity, isDeveloper, Pump, Views, Transport, _random, _time, _logger, _stop.Token);
        }

        await Seeds.AskAsync(cancellationToken).ConfigureAwait(false);
        Pump.Start();
        await Pump.CallAsync(
            (engine, now) =>
            {
                engine.Start(now, joining: Seeds.Count > 0);
                SetInitialFacts(engine, now);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        GossipLog.Started(_logger, Identity.Instance, _options.WebOnly ? "the web only" : Transport.LocalEndpoint.ToString(), Identity.Endpoint.ToString(), _options.ClusterName);
        await JoinSeedsAsync(cancellationToken).ConfigureAwait(false);
        Table?.Agreement.Start();
        _seedLoop = Task.Run(() => Seeds.RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Begins a new life after a leave.</summary>
    public Task RejoinAsync(CancellationToken cancellationToken) => Pump.CallAsync(
        (_, now) =>
        {
            _leaving = false;
            Identity.Renew(_time.GetUtcNow(), above: 0, _random);
            BeginNextLife(now, joining: true);
            return true;
        },
        cancellationToken);

    /// <summary>Ends the wait for a join that did not come.</summary>
    public Task BecomeAliveAsync(CancellationToken cancellationToken) => Pump.CallAsync(
        (engine, now) =>
        {
            engine.BecomeAlive(now);
            return true;
        },
        cancellationToken);

    public Task AnnounceLeavingAsync(CancellationToken cancellationToken) => Pump.CallAsync(
        (engine, now) =>
        {
            engine.AnnounceLeaving(now);
            return true;
        },
        cancellationToken);

    /// <summary>Says goodbye, and waits until others know it. The token ends only the wait: the node has left in any case.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        _leaving = true;
        _leaveSettled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Pump.CallAsync(
            (engine, now) =>
            {
                engine.Leave(now);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
        try
        {
            await _leaveSettled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await Pump.CallAsync(
                (engine, _) =>
                {
                    engine.Stop();
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
            GossipLog.Left(_logger);
        }
    }

    /// <summary>Closes everything at once. What should have been said must have been said before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _seedLoop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Table is not null)
        {
            await Table.DisposeAsync().ConfigureAwait(false);
        }

        await _sealing.DisposeAsync().ConfigureAwait(false);
        await Pump.DisposeAsync().ConfigureAwait(false);
        _plan.Dispose();
        EndWaits();
        Views.Complete();
        _stop.Dispose();
    }

    /// <summary>Changes the node's own tags and metadata, all or nothing.</summary>
    public Task UpdateAsync(NodeUpdate update, CancellationToken cancellationToken) => Pump.CallAsync(
        (engine, now) =>
        {
            engine.ChangeFacts(now, update.Changes);
            return true;
        },
        cancellationToken);

    public void OnDataPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection)
    {
        if (IsOfThisCluster(header))
        {
            BindConnection(header, connection);
            _messaging.OnPacket(header, packet, connection);
        }
    }

    public void OnStreamPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection connection)
    {
        if (IsOfThisCluster(header))
        {
            BindConnection(header, connection);
            _streams.OnPacket(header, packet, connection);
        }
    }

    public void OnStreamUndeliverable(ReadOnlySpan<byte> packet) => _streams.OnUndeliverable(packet);

    public void OnRoom(ITransportConnection connection) => _streams.OnRoom(connection);

    public void OnConnectionEnded(ITransportConnection connection) => _streams.OnDisconnected(connection);

    public void OnAgreementPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection connection)
    {
        if (Table is not null && IsOfThisCluster(header))
        {
            BindConnection(header, connection);
            Table.Agreement.OnPacket(header, packet);
        }
    }

    public void OnPeerUnreachable(in NodeEndpoint peer) => Table?.Agreement.OnUnreachable(peer);

    public void OnDialRefused(in NodeEndpoint peer, LinkRefusedException error)
    {
        if (error.IsAboutToken)
        {
            Joiner.OnTokenRefused(peer);
            if (_refusals.TryTake())
            {
                GossipLog.TokenRefused(_logger, peer.ToString());
            }
        }
    }

    public void OnDataUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet) => _messaging.OnUndeliverable(to, packet);

    public void OnViewChanged(GossipEngine engine)
    {
        ReportVersion(engine.Version);
        var view = ViewBuilder.Build(engine.Table, ++_viewVersion);
        Views.Publish(view);
        _messaging.OnViewChanged(view);
        _streams.OnViewChanged(view);
        Table?.Agreement.OnView();
    }

    public void OnEngineEvent(in EngineEvent engineEvent)
    {
        switch (engineEvent.Kind)
        {
            case EngineEventKind.StateChanged:
                ReportState(engineEvent);
                break;
            case EngineEventKind.BroadcastReceived:
                _messaging.OnBroadcast(engineEvent.Subject, engineEvent.Payload.Span);
                break;
            case EngineEventKind.JoinSettled:
                Joiner.OnSettled(engineEvent);
                break;
            case EngineEventKind.LeaveSettled:
                _leaveSettled.TrySetResult();
                break;
            case EngineEventKind.GenerationOutdated:
                RaiseGeneration(engineEvent.Generation);
                break;
            case EngineEventKind.IdentityConflict when _warnings.TryTake():
                GossipLog.IdentityConflict(_logger, Identity.Instance.Id, engineEvent.Endpoint.ToString());
                break;
            case EngineEventKind.NewcomerRefused when _refusals.TryTake():
                GossipLog.NewcomerRefused(_logger, engineEvent.Subject, engineEvent.Endpoint.ToString(), engineEvent.Reason);
                break;
            case EngineEventKind.TableFull when _warnings.TryTake():
                GossipLog.TableFull(_logger, _options.MaxMembers, engineEvent.Subject, engineEvent.Endpoint.ToString());
                break;
            default:
                break;
        }
    }

    public void OnPumpFailed(Exception error)
    {
        Failure = error;
        GossipLog.PumpFailed(_logger, error);
        EndWaits();
        _failed();
    }

    public void OnAcceptFailed(Exception error) => GossipLog.AcceptFailed(_logger, Transport.LocalEndpoint.ToString(), error.Message);

    private bool IsOfThisCluster(in PacketHeader header) =>
        header.ClusterHash == Identity.ClusterHash
        && header.KeyId == 0
        && Identity.Versions.Contains(header.Version);

    /// <summary>Nobody is left to end them.</summary>
    private void EndWaits()
    {
        _leaveSettled.TrySetResult();
        Joiner.Stop();
    }

    /// <summary>A connection that so far carried only users' messages: from now on frames to its peer use it.</summary>
    private void BindConnection(in PacketHeader header, ITransportConnection? connection)
    {
        if (connection is { Peer.IsNone: true } && Views.Current.Find(header.Sender.Id) is { } member && member.Instance == header.Sender)
        {
            Transport.BindConnection(connection, member.Endpoint);
        }
    }

    private EngineOptions EngineOptions() => new()
    {
        Self = Identity.Instance,
        Endpoint = Identity.Endpoint,
        ClusterHash = Identity.ClusterHash,
        Timing = ProtocolTiming.For(_options.Profile),
        RandomSeed = _random.NextUInt64(),
        Traits = _options switch
        {
            { Client: true } => MemberTraits.Client | MemberTraits.StreamOnly,
            { TcpOnly: true } or { WebOnly: true } => MemberTraits.StreamOnly,
            _ => MemberTraits.None,
        },
        Versions = Identity.Versions,
        Features = NodeFeatures.All,
        ApplicationVersion = _options.ApplicationVersion,
        AcceptsApplicationVersion = _options.AcceptApplicationVersion is null ? null : AcceptsApplicationVersion,
        MaxDatagramSize = MaxDatagramSize,
        MaxMembers = _options.MaxMembers,
        FactLimits = new FactLimits { MaxBytes = _options.MaxMetadataBytes },
        Clock = _clock,
        BroadcastWindow = _options.Messaging.BroadcastWindow,
        MaxBroadcastBytes = _options.Messaging.BroadcastBytes,
        BroadcastCounters = BroadcastCounters,
    };

    /// <summary>The predicate is the user's code: when it throws, the newcomer is turned away and nothing else happens.</summary>
    private bool AcceptsApplicationVersion(string version)
    {
        try
        {
            return _options.AcceptApplicationVersion!(version);
        }
        catch (Exception e)
        {
            GossipLog.VersionCheckFailed(_logger, version, e);
            return false;
        }
    }

    private void SetInitialFacts(GossipEngine engine, in Moment now)
    {
        List<FactChange> facts = [];
        if (_options.ApplicationVersion.Length > 0)
        {
            facts.Add(new FactChange(FactKind.System, ViewBuilder.ApplicationVersionKey, _options.ApplicationVersion));
        }

        facts.AddRange(_options.Tags.Select(tag => new FactChange(FactKind.Tag, tag, true)));
        facts.AddRange(_options.Metadata.Select(pair => new FactChange(FactKind.Metadata, pair.Key, pair.Value)));
        engine.ChangeFacts(now, facts);
    }

    private void ReportVersion(byte version)
    {
        if (version != Identity.Version)
        {
            Identity.Version = version;
            GossipLog.VersionChanged(_logger, version, Identity.Versions);
        }
    }

    private void ReportState(in EngineEvent change)
    {
        if (change is { Before: MemberState.Joining, After: MemberState.Dead or MemberState.Left })
        {
            return; // a tombstone that others told of: old news
        }

        Counters.Count(change.After);
        var worse = change.After is MemberState.Suspect or MemberState.Dead;
        if (worse)
        {
            GossipLog.StateWorsened(_logger, change.Subject, change.Endpoint.ToString(), change.Before, change.After, change.Reason);
        }
        else
        {
            GossipLog.StateChanged(_logger, change.Subject, change.Endpoint.ToString(), change.Before, change.After, change.Reason);
        }
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Gossip.Diagnostics;
using Gossip.Hosting;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossip;

/// <summary>
/// One member of a cluster. It finds the others, says and learns tags and metadata, notices failures, and exchanges messages.
/// All members may be called from any thread.
/// </summary>
/// <example>
/// <code>
/// await using var node = await GossipNode.StartAsync(new GossipOptions { Tags = { "worker" }, Seeds = { "127.0.0.1:11511" } });
/// await foreach (var change in node.WatchAsync())
///     Console.WriteLine($"{change.Kind}: {change.Member}");
/// </code>
/// </example>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer and the semaphore no handle: there is nothing to release, and late calls may still look at them.")]
public sealed partial class GossipNode : IAsyncDisposable, IDisposable
{
    /// <summary>The part of the stop's time that handlers and reliable sends have; the rest is for the farewell.</summary>
    private const double DrainShare = 0.8;

    private readonly GossipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private readonly GossipMetrics _metrics;
    private readonly CancellationTokenSource _stopping = new();
    private NodeRuntime? _runtime;
    private volatile GossipNodeState _state;

    internal GossipNode(
        GossipOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null, IMeterFactory? meterFactory = null)
    {
        GossipOptionsValidator.Demand(options);
        _options = options;
        _time = timeProvider ?? TimeProvider.System;
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Gossip");
        Hooks = new HookFeed(logger);
        _logger = new HookLogger(logger, Hooks);
        Gate = new NetworkGate(options.AllowedNetworks, _time, _logger);
        Keys = new GossipKeys(KeyRing.Parse(options.EncryptionKeys));
        var host = new MessagingHost(this, _time, _logger);
        Messages = new GossipMessaging(host, options.MessageTypes, options.Messaging);
        Streams = new GossipStreams(host, options.Streaming);
        Keys.Cluster = new KeyCourier(this, options.AllowKeyChanges, _logger);
        _metrics = new GossipMetrics(this, meterFactory);
    }

    /// <summary>Where the node is in its life.</summary>
    public GossipNodeState State => _state;

    /// <summary>The node's identity and the generation of this life of it; a node that left and joins again begins a new one.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public NodeInstance Instance => Runtime.Identity.Instance;

    /// <summary>The node's stable identity.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public NodeId Id => Instance.Id;

    /// <summary>All members as this node knows them now.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public ClusterView View => Runtime.Views.Current;

    /// <summary>The table that the members keep together, see <see cref="GossipOptions.Table"/>.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    /// <exception cref="InvalidOperationException">The node has no table: <see cref="GossipOptions.Table"/> is null.</exception>
    public ITableClient Table =>
        Runtime.Table?.Client ?? throw NoTable();

    /// <summary>What this node knows of the table and of those who decide about it, without asking anybody.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The status at this moment.</returns>
    /// <exception cref="GossipStateException">The node was not started, or is stopped.</exception>
    /// <exception cref="InvalidOperationException">The node has no table: <see cref="GossipOptions.Table"/> is null.</exception>
    public Task<TableStatus> GetTableStatusAsync(CancellationToken cancellationToken = default) =>
        Active("GetTableStatusAsync").Table?.Agreement.GetStatusAsync(cancellationToken) ?? throw NoTable();

    /// <summary>For operators: goes on with the table where too many of those who decide about it are lost, and tells when that happened.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    /// <exception cref="InvalidOperationException">The node has no table: <see cref="GossipOptions.Table"/> is null.</exception>
    public TableRecovery TableRecovery => new(Runtime.Table?.Agreement ?? throw NoTable());

    /// <summary>Messages and requests. Handlers may be added before the start, see <see cref="Create"/>.</summary>
    public GossipMessaging Messages { get; }

    /// <summary>Streams of bytes. Handlers may be added before the start, see <see cref="Create"/>.</summary>
    public GossipStreams Streams { get; }

    /// <summary>The keys that seal the node's packets, from <see cref="GossipOptions.EncryptionKeys"/>; they can be changed at any time, here or on all members at once.</summary>
    public GossipKeys Keys { get; }

    /// <summary>The version of the wire protocol in which the node writes now: the highest that all members read, so it rises when the last one was upgraded.</summary>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public int ProtocolVersion => Runtime.Identity.Version;

    /// <summary>The local health score (Lifeguard §IV-A): 0 is well, 8 is worst; a node with a high score doubts itself before it accuses others.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The score.</returns>
    /// <exception cref="GossipStateException">The node was not started, or is stopped.</exception>
    public Task<int> GetHealthScoreAsync(CancellationToken cancellationToken = default) =>
        Active("GetHealthScoreAsync").Pump.CallAsync((engine, _) => engine.AwarenessScore, cancellationToken);

    internal NetworkGate Gate { get; }

    internal bool IsClient => _options.Client;

    internal NodeRuntime? RuntimeOrNull => Volatile.Read(ref _runtime);

    internal NodeRuntime Runtime => RuntimeOrNull ?? throw new GossipStateException("This", _state);

    /// <summary>Makes a node without starting it, so that handlers can be added before the first message arrives; then <see cref="OpenAsync"/>.</summary>
    /// <param name="options">How it takes part. Default: as a developer's node, see <see cref="GossipOptions"/>.</param>
    /// <param name="loggerFactory">Where it logs. Default: nowhere.</param>
    /// <param name="timeProvider">Its clock. Default: the system's.</param>
    /// <returns>The node.</returns>
    /// <exception cref="GossipOptionsException">An option is not valid.</exception>
    public static GossipNode Create(GossipOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null) =>
        new(options ?? new GossipOptions(), loggerFactory, timeProvider);

    /// <summary>Makes a node and starts it.</summary>
    /// <param name="options">How it takes part. Default: as a developer's node, see <see cref="GossipOptions"/>.</param>
    /// <param name="loggerFactory">Where it logs. Default: nowhere.</param>
    /// <param name="timeProvider">Its clock. Default: the system's.</param>
    /// <param name="cancellationToken">Gives up the start; nothing stays open.</param>
    /// <returns>The node, once it has joined through a seed, or tried all seeds.</returns>
    /// <exception cref="GossipOptionsException">An option is not valid.</exception>
    /// <exception cref="MetadataLimitException">The tags and metadata of the options are too much.</exception>
    /// <exception cref="GossipBindException">The port is taken, or the address is not of this machine.</exception>
    /// <exception cref="GossipAddressException">No address to advertise was found.</exception>
    /// <exception cref="SeedUnresolvableException">No seed's host name can be resolved (see <see cref="GossipOptions.SeedsMustResolve"/>).</exception>
    /// <exception cref="TableStoreException">The data directory of the table cannot be used (see <see cref="TableOptions.DataDirectory"/>).</exception>
    public static async Task<GossipNode> StartAsync(
        GossipOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default)
    {
        var node = Create(options, loggerFactory, timeProvider);
        await node.OpenAsync(cancellationToken).ConfigureAwait(false);
        return node;
    }

    /// <summary>Joins through addresses, at any time; on a node that has left it begins a new life. The addresses go on being tried, as seeds are.</summary>
    /// <param name="addresses">Where other nodes may be; see <see cref="GossipAddress"/> for the formats. The addresses behind a name are tried one soon after the other until one lets the node in.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of it, for each address. No failure throws.</returns>
    /// <exception cref="GossipAddressException">An address is malformed; then nothing was tried.</exception>
    /// <exception cref="GossipStateException">The node does not run and has not left.</exception>
    public async Task<IReadOnlyList<JoinResult>> JoinAsync(IEnumerable<string> addresses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        string[] list = [.. addresses];
        foreach (var address in list)
        {
            _ = GossipAddress.Parse(address);
        }

        var runtime = await BeginJoinAsync(cancellationToken).ConfigureAwait(false);
        runtime.Seeds.Add(list, guessed: false);
        var results = await runtime.Joiner.JoinAsync(list, cancellationToken).ConfigureAwait(false);
        try
        {
            await runtime.BecomeAliveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GossipStateException)
        {
            // The node stopped meanwhile, and the results say so.
        }

        return results;
    }

    /// <summary>Leaves the cluster without stopping: others know that it left of its own will. <see cref="JoinAsync"/> takes part again.</summary>
    /// <param name="cancellationToken">Gives up waiting for others to know; the node has left all the same.</param>
    /// <returns>A task that ends when others know.</returns>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        // The token ends the wait for others, not the leave: only a start or a stop is waited for here, and both end by themselves.
        await _lifecycle.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_state != GossipNodeState.Running)
            {
                throw new GossipStateException(nameof(LeaveAsync), _state);
            }

            Become(GossipNodeState.Left);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            await Runtime.LeaveAsync(wait.Token).ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>
    /// Declares for the whole cluster that a dead member will not come back: it is no longer contacted, and views leave it out.
    /// Should it live after all, its next words bring it back.
    /// </summary>
    /// <param name="id">The member.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether there was such a member, and it was dead or had left.</returns>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public Task<bool> ForgetAsync(NodeId id, CancellationToken cancellationToken = default) =>
        Active(nameof(ForgetAsync)).Pump.CallAsync((engine, now) => engine.Forget(now, id), cancellationToken);

    /// <summary>Explains why this node believes what it believes about a member.</summary>
    /// <param name="id">The member.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The explanation; null when the member is not known.</returns>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public Task<Explanation?> ExplainAsync(NodeId id, CancellationToken cancellationToken = default)
    {
        var pump = Active(nameof(ExplainAsync)).Pump;
        return pump.CallAsync(
            (engine, _) => engine.Table.TryFind(id, out var member)
                ? new Explanation(
                    ViewBuilder.Snapshot(member),
                    pump.Clock.ToWallTime(member.StateSince),
                    [.. (member.Case?.ToArray() ?? []).Select(item => new Evidence(pump.Clock.ToWallTime(item.At), item.Kind, item.Witness))],
                    [.. member.Case?.Accusers() ?? []],
                    member.State == MemberState.Dead && !member.Accuser.IsNone ? member.Accuser : null)
                : null,
            cancellationToken);
    }

    /// <summary>
    /// Stops by one deadline, <see cref="GossipOptions.StopTimeout"/>: takes no more work, finishes handlers, streams and reliable sends or
    /// reports them as timed out or aborted, says goodbye, and closes. A second call waits for the first.
    /// </summary>
    /// <param name="cancellationToken">Brings the deadline forward to now.</param>
    /// <returns>A task that ends when everything is closed.</returns>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        // Whoever starts, joins or leaves at this moment gives way.
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _lifecycle.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_state is GossipNodeState.Stopped || RuntimeOrNull is not { } runtime)
            {
                Become(GossipNodeState.Stopped);
                Hooks.Complete();
                return;
            }

            var hasLeft = _state == GossipNodeState.Left;
            Become(GossipNodeState.Stopping);
            await SayGoodbyeAsync(runtime, hasLeft, cancellationToken).ConfigureAwait(false);
            await runtime.DisposeAsync().ConfigureAwait(false);
            Become(GossipNodeState.Stopped);
            Hooks.Complete();
            _metrics.Dispose();
            GossipLog.Stopped(_logger);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Stops the node; see <see cref="StopAsync"/>.</summary>
    /// <returns>A task that ends when everything is closed.</returns>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <summary>Stops the node and waits for it, for containers that dispose without <c>await</c>; <see cref="DisposeAsync"/> holds no thread.</summary>
    public void Dispose() => Task.Run(() => StopAsync()).GetAwaiter().GetResult();

    /// <summary>Starts a node that <see cref="Create"/> made. A node can be started once.</summary>
    /// <param name="cancellationToken">Gives up the start; nothing stays open.</param>
    /// <returns>A task that ends once the node has joined through a seed, or tried all seeds.</returns>
    /// <exception cref="GossipBindException">The port is taken, or the address is not of this machine.</exception>
    /// <exception cref="GossipAddressException">No address to advertise was found.</exception>
    /// <exception cref="SeedUnresolvableException">No seed's host name can be resolved (see <see cref="GossipOptions.SeedsMustResolve"/>).</exception>
    /// <exception cref="TableStoreException">The data directory of the table cannot be used (see <see cref="TableOptions.DataDirectory"/>).</exception>
    /// <exception cref="GossipStateException">The node was started before.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        await _lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state != GossipNodeState.Created)
            {
                throw new GossipStateException(nameof(StartAsync), _state);
            }

            Become(GossipNodeState.Starting);
            Hooks.Publish(new NodeConfigured(_options));
            try
            {
                using var start = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
                var plan = await AddressPlan.OpenAsync(_options, new SeedResolver(), Gate, _time, start.Token).ConfigureAwait(false);
                var runtime = new NodeRuntime(_options, plan, Messages, Streams, Keys, _time, _logger, RandomSeed(), failed: () => _ = Task.Run(() => StopAsync()));
                Volatile.Write(ref _runtime, runtime);
                Hooks.Watch(runtime.Views);
                await runtime.StartAsync(start.Token).ConfigureAwait(false);
                Become(GossipNodeState.Running);
            }
            catch
            {
                if (RuntimeOrNull is { } runtime)
                {
                    await runtime.DisposeAsync().ConfigureAwait(false);
                }

                Become(GossipNodeState.Stopped);
                Hooks.Complete();
                _metrics.Dispose();
                throw;
            }
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private static ulong RandomSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Drains and leaves. The farewell has a part of the time for itself, so that a handler which does not end cannot use it up.</summary>
    private static InvalidOperationException NoTable() =>
        new("This node has no table: set GossipOptions.Table, for example to a new TableOptions, before it starts.");

    private async Task SayGoodbyeAsync(NodeRuntime runtime, bool hasLeft, CancellationToken cancellationToken)
    {
        using var drainTimeout = new CancellationTokenSource(_options.StopTimeout * DrainShare, _time);
        using var drain = CancellationTokenSource.CreateLinkedTokenSource(drainTimeout.Token, cancellationToken);
        var takesPart = !hasLeft && runtime.Failure is null;
        try
        {
            if (takesPart)
            {
                await runtime.AnnounceLeavingAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await Task.WhenAll(Messages.DrainAsync(drain.Token), Streams.DrainAsync(drain.Token)).ConfigureAwait(false);
            if (takesPart)
            {
                if (runtime.Table is { } table)
                {
                    await table.Agreement.GiveSeatAwayAsync(drain.Token).ConfigureAwait(false);
                }

                using var farewellTimeout = new CancellationTokenSource(_options.StopTimeout * (1 - DrainShare), _time);
                using var farewell = CancellationTokenSource.CreateLinkedTokenSource(farewellTimeout.Token, cancellationToken);
                await runtime.LeaveAsync(farewell.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            GossipLog.StopTimedOut(_logger, _options.StopTimeout);
        }
        catch (GossipStateException)
        {
            // The pump failed meanwhile, and has said so.
        }
    }

    /// <summary>Checks that the node may join; one that has left begins a new life.</summary>
    private async Task<NodeRuntime> BeginJoinAsync(CancellationToken cancellationToken)
    {
        await _lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state == GossipNodeState.Left)
            {
                Become(GossipNodeState.Running);
                await Runtime.RejoinAsync(CancellationToken.None).ConfigureAwait(false);
            }

            return Active(nameof(JoinAsync));
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private NodeRuntime Active(string operation) =>
        _state == GossipNodeState.Running ? Runtime : throw new GossipStateException(operation, _state);
}

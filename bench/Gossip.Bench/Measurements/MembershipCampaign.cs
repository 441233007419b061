using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>All that the command asks for: ours and the peer in turn, run by run.</summary>
internal sealed class MembershipCampaign(CommandLine command, TextWriter log)
{
    private const int Detected = 1;
    private const int Accused = 2;
    private const int Joined = 3;
    private const int Healed = 4;
    private const int Traffic = 5;
    private const int Cost = 6;
    private const int Broadcast = 7;
    private const int Asked = 9;
    private const int Simulated = 17;
    private const double BytesPerMegabyte = 1e6;

    /// <summary>What a join left behind is over.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);

    private readonly List<string> _notes = [];
    private AgentProgram? _program;
    private readonly List<Side> _sides = [Side.Ours];

    public ResultSet Results { get; } = new();

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>How the agents were compiled.</summary>
    public Compilation Agents => _program?.Compilation ?? command.Agents;

    /// <summary>Measurements that could not be made.</summary>
    public int Failures { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FindPeerAsync();
            _program = await AgentProgram.BuildAsync(command.Agents, Note);
            NoteMachine(_program);
            if (Wants(Cost))
            {
                Results.Add(Metric.KnownMembers, EngineMemory.Members, Side.Ours, EngineMemory.OfKnownMembers() / BytesPerMegabyte);
                Results.Add(Metric.PerPacket, 2, Side.Ours, EngineMemory.PerPacket());
            }

            await MeasureClustersAsync(cancellationToken);
            await MeasureHealingAsync(cancellationToken);
            if (Wants(Simulated))
            {
                await AttemptAsync("simulator", async () =>
                {
                    var (all, slowest) = await SimulatorSpeed.MeasureAsync();
                    Results.Add(Metric.SimulatorSpeed, 0, Side.Ours, all);
                    Results.Add(Metric.SlowestScenario, 0, Side.Ours, slowest);
                });
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Failures++;
            Note("Interrupted by a signal: not all was measured.");
        }
    }

    private bool Wants(params int[] targets) => targets.Any(command.Only.Contains);

    private async Task FindPeerAsync()
    {
        if (!command.Peer)
        {
            return;
        }

        if (await SerfCluster.FindVersionAsync() is { } version)
        {
            _sides.Add(Side.Peer);
            Note($"The peer is {version}, with the defaults of its profile; what it says counts when its log line arrives here.");
        }
        else
        {
            Note("The peer is not installed (Debian: apt-get install serf): there is nothing to compare with.");
        }
    }

    private void NoteMachine(AgentProgram program)
    {
        Note($"{Environment.ProcessorCount} cores; profile {command.Profile}; {(command.InProcess ? "all nodes in one process" : "one process per node")}.");
        Note($"Agents are {program.Description}, run with {string.Join(' ', AgentProgram.Settings.Select(setting => $"{setting.Key}={setting.Value}"))}, and {(program.StartsCold ? "a burst join begins with the start of the processes, as the peer's does" : "have joined once elsewhere before they are measured")}.");
    }

    private async Task MeasureClustersAsync(CancellationToken cancellationToken)
    {
        if (!Wants(Detected, Accused, Joined, Traffic, Cost, Broadcast, Asked))
        {
            return;
        }

        await using var network = await NetworkNamespace.TryCreateAsync("nodes");
        Note(network is null
            ? "All ran on the machine's own loopback interface: what else used it is in the traffic."
            : "All ran on the loopback interface of a network namespace of their own.");
        if (command.InProcess && Wants(Detected, Accused))
        {
            Note("Kills and pauses need a process per node, and were left out.");
        }

        if (!OperatingSystem.IsLinux())
        {
            Note("What idle nodes cost is read from /proc, and was left out.");
        }

        var place = new Place(Place.Loopback, network?.Name);
        foreach (var nodes in command.Nodes)
        {
            for (var run = 1; run <= command.Runs; run++)
            {
                foreach (var side in _sides)
                {
                    log.WriteLine($"{side}, {nodes} nodes, run {run} of {command.Runs}");
                    await AttemptAsync($"{side}, {nodes} nodes", () => LiveAsync(side, nodes, place, cancellationToken));
                }
            }
        }
    }

    private async Task LiveAsync(Side side, int nodes, Place place, CancellationToken cancellationToken)
    {
        await using var cluster = Create(side, nodes, _ => place, command.InProcess);
        var session = new Session(cluster, side, Results, log, cancellationToken);
        await BurstJoin.MeasureAsync(session, Wants(Joined));
        await session.RestAsync(Settle);
        if (Wants(Traffic, Cost) && OperatingSystem.IsLinux())
        {
            await IdleCost.MeasureAsync(session, Wants(Traffic), Wants(Cost));
        }

        if (Wants(Broadcast))
        {
            await BroadcastLatency.MeasureAsync(session);
        }

        if (Wants(Asked))
        {
            await Questions.MeasureAsync(session);
        }

        // A process of its own is what can be killed and paused; the peer always is one.
        if (Wants(Detected) && !command.InProcess)
        {
            await Detection.MeasureAsync(session);
        }

        if (Wants(Accused) && !command.InProcess)
        {
            await FalseDeaths.MeasureAsync(session);
        }
    }

    private async Task MeasureHealingAsync(CancellationToken cancellationToken)
    {
        if (!Wants(Healed))
        {
            return;
        }

        await using var network = await SeverableNetwork.TryCreateAsync();
        if (network is null)
        {
            Note("Healing was left out: it needs network namespaces (Linux, root, iproute2).");
            return;
        }

        for (var run = 1; run <= command.Runs; run++)
        {
            foreach (var side in _sides)
            {
                log.WriteLine($"{side}, healing, run {run} of {command.Runs}");
                await AttemptAsync($"{side}, healing", async () =>
                {
                    await network.HealAsync();
                    await using var cluster = Create(side, Healing.Nodes, Healing.PlacesIn(network), inProcess: false);
                    await Healing.MeasureAsync(new Session(cluster, side, Results, log, cancellationToken), network);
                });
            }
        }
    }

    private Cluster Create(Side side, int nodes, Func<int, Place> placeOf, bool inProcess) => side == Side.Ours
        ? new GossipCluster(nodes, placeOf, _program!, command.Profile, isSealed: !command.Plaintext, inProcess)
        : new SerfCluster(nodes, placeOf, command.Profile);

    private async Task AttemptAsync(string what, Func<Task> measure)
    {
        try
        {
            await measure();
        }
        catch (Exception e) when (e is MeasurementException or IOException or InvalidOperationException)
        {
            Failures++;
            Note($"FAILED {what}: {e.Message}");
        }
    }

    private void Note(string text)
    {
        _notes.Add(text);
        log.WriteLine(text);
    }
}

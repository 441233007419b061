using Gossip.Bench.Agents;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Clusters;

/// <summary>Nodes of this library: one process each, or all in one.</summary>
internal sealed class GossipCluster(int nodes, Func<int, Place> placeOf, AgentProgram program, GossipProfile profile, bool isSealed, bool inProcess) : Cluster(nodes, placeOf)
{
    private const int BasePort = 21000;

    private readonly string _key = isSealed ? GossipKeys.Generate() : "";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan UsagePatience = TimeSpan.FromSeconds(10);

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        Start(0, inProcess ? Nodes : 1);
        for (var number = 1; number < Nodes && !inProcess && !program.StartsCold; number++)
        {
            Start(number, 1);
        }

        await DemandAsync(() => Log.Since(0, ObservationKind.Ready).Length == Processes.Count, StartPatience, "not all agents started", cancellationToken);
        if (!inProcess)
        {
            Processes[0].Command(Agent.Join);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    public override void JoinOthers()
    {
        for (var number = 1; number < Nodes && !inProcess && program.StartsCold; number++)
        {
            Start(number, 1);
        }

        foreach (var process in inProcess ? Processes : Processes[1..])
        {
            process.Command(Agent.Join);
        }
    }

    public override Task BroadcastAsync(int number)
    {
        Processes[0].Command($"{Agent.Broadcast} {number}");
        return Task.CompletedTask;
    }

    public override bool TryAskAll()
    {
        Processes[0].Command(Agent.AskAll);
        return true;
    }

    public override async Task<AgentUsage?> ReadUsageAsync(CancellationToken cancellationToken)
    {
        var asked = MonotonicClock.Now;
        MemberProcess[] running = [.. Running];
        foreach (var process in running)
        {
            process.Command(Agent.ReadUsage);
        }

        await DemandAsync(() => Answers().Length == running.Length, UsagePatience, "not all agents told their usage", cancellationToken);
        return Answers().Aggregate(default(AgentUsage), (sum, answer) => sum + AgentUsage.Parse(answer.Text));

        Observation[] Answers() => Log.Since(asked, ObservationKind.Usage);
    }

    private void Start(int first, int count)
    {
        var place = PlaceOf(first);
        var arguments = new AgentArguments(first, count, BasePort, place.Address, PlaceOf(0).Address, profile, _key);
        Processes.Add(new MemberProcess(first, place, [.. program.Command, .. arguments.ToArray()], AgentProgram.Settings, OnLine));
    }

    private static async Task DemandAsync(Func<bool> condition, TimeSpan patience, string problem, CancellationToken cancellationToken)
    {
        if (!await ObservationLog.WaitAsync(condition, patience, cancellationToken))
        {
            throw new MeasurementException(problem);
        }
    }

    private void OnLine(long arrived, string line)
    {
        if (Observation.Parse(line) is { } observation)
        {
            Log.Add(observation);
        }
    }
}

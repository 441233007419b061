using System.Diagnostics;
using OrleansCluster.Silos;

namespace OrleansCluster.Tour;

/// <summary>The steps in which silos end, and one comes back.</summary>
internal static class Failing
{
    private const string Victim = "beta";

    public static async Task<string> KillAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var victim = cluster[Victim];
        SiloProcess[] survivors = [.. cluster.Running.Where(silo => silo != victim)];
        var address = (await victim.AskAsync<Status>(Verb.Status, token)).Address;
        screen.Say($"{Victim}, process {victim.ProcessId}, is killed without a word to anybody (SIGKILL).");
        var killed = DateTimeOffset.UtcNow;
        if (!broken)
        {
            victim.Kill();
        }

        List<(string Name, Death Death)> deaths = [];
        foreach (var survivor in survivors)
        {
            deaths.Add((survivor.Name, await survivor.WhenAsync<Death>($"that {Victim} is dead", Pace.Patience, Verb.Death, death => death.Orleans is not null, token, address)));
        }

        await cluster.RemoveAsync(victim);
        screen.Table(
            ["survivor", "gossip: dead after", "Orleans: Dead after"],
            deaths.Select(item => new[] { item.Name, After(item.Death.Gossip), After(item.Death.Orleans) }));
        await Working.ShowAsync(context);
        foreach (var survivor in survivors)
        {
            var status = await survivor.AskAsync<Status>(Verb.Status, token);
            ClaimException.Unless(status.View.Single(peer => peer.Address == address).Status == SiloStatus.Dead, $"{survivor.Name} does not see {Victim} as dead any more");
        }

        var last = deaths.Max(item => item.Death.Orleans!.Value) - killed;
        return $"The last survivor's view said Dead {Screen.Milliseconds(last)} after the kill.";

        string After(DateTimeOffset? time) => time is { } known ? Screen.Milliseconds(known - killed) : "-";
    }

    public static async Task<string> ReplaceAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var clock = Stopwatch.StartNew();
        var plan = cluster.Plan(Victim);
        var silo = cluster.Start(broken ? plan with { ClusterId = "another cluster" } : plan);
        screen.Say($"{Victim} is started again, as process {silo.ProcessId}, at the addresses that it had.");
        await Working.WhenAllActiveAsync(context);
        var time = clock.Elapsed;
        await Working.ShowAsync(context);
        return $"All three see three active silos again, {Screen.Milliseconds(time)} after the process was started. To Orleans it is another silo, for its generation is new.";
    }

    public static async Task<string> StopAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        await cluster.StopClientAsync();
        List<string[]> rows = [];
        foreach (var silo in cluster.Running)
        {
            if (broken)
            {
                silo.Kill();
            }

            var clock = Stopwatch.StartNew();
            await silo.StopAsync(token);
            rows.Add([silo.Name, Screen.Milliseconds(clock.Elapsed)]);
            await cluster.RemoveAsync(silo);
        }

        screen.Table(["silo", "its process ended after"], rows);
        return "No process is left.";
    }
}

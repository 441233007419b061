using System.Globalization;
using Gossip;
using Quickstart.Nodes;

namespace Quickstart.Tour;

/// <summary>The steps in which nodes go and come back.</summary>
internal static class Partings
{
    public static async Task<string> KillAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var beta = cluster.Beta;
        var id = beta.Latest().Local.Id;
        screen.Say($"beta, process {beta.ProcessId}, is killed without a word to anybody (SIGKILL).");
        var start = DateTimeOffset.UtcNow;
        if (!broken)
        {
            beta.Kill();
            await cluster.RemoveAsync(beta);
        }

        List<string[]> rows = [];
        List<Reasons> reasons = [];
        NodeProcess[] survivors = [cluster.Alpha, cluster.Gamma];
        foreach (var survivor in survivors)
        {
            var dead = await survivor.WhenAsync<Snapshot>("beta die", view => view.Find(id)?.State == MemberState.Dead, token);
            var suspect = survivor.Snapshots().FirstOrDefault(view => view.Time >= start && view.Find(id)?.State == MemberState.Suspect);
            rows.Add([
                survivor.Name,
                suspect is null ? "it was told of the death at once" : Screen.Milliseconds(suspect.Time - start),
                Screen.Milliseconds(dead.Time - start),
            ]);
            reasons.Add(await survivor.AskAsync<Reasons>(Verb.Explain, token, id));
        }

        screen.Table(["survivor", "suspects beta after", "declares it dead after"], rows);
        foreach (var (survivor, reason) in survivors.Zip(reasons))
        {
            screen.Reasons($"why {survivor.Name} believes that beta is dead", cluster.WithNames(reason.Text));
        }

        ClaimException.Unless(reasons.All(reason => reason is { State: MemberState.Dead, DeclaredDeadBy: not null }), "a survivor cannot say who declared beta dead");
        ClaimException.Unless(
            reasons.Any(reason => reason.Evidence.Contains(EvidenceKind.StreamProbeRefused) && reason.Accusers.Length > 0),
            "no survivor saw that nothing listens at beta's port any more and accused it");
        return "Both survivors know, and can say why: probes without an answer, a refused TCP connection, and accusers.";
    }

    public static async Task<string> RestartAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var before = cluster.Alpha.Latest().Peers.Single(peer => peer is { Name: "beta", State: MemberState.Dead });
        var plan = cluster.Plan("beta", cluster.Alpha.Latest().Local.Address);
        var beta = await cluster.StartAsync(broken ? plan with { BindAddress = Cluster.AnyPort } : plan, token);
        var starting = await beta.WhenAsync<Starting>("its own start", _ => true, token);
        var after = beta.Latest().Local;
        screen.Table(
            ["beta", "identity", "generation", "address"],
            new[] { ("before", before), ("now", after) }.Select(row => new[]
            {
                row.Item1, Screen.ShortId(row.Item2.Id), row.Item2.Generation.ToString("x", CultureInfo.InvariantCulture), row.Item2.Address,
            }));
        ClaimException.Unless(before.Id == after.Id, "a restart at the same address should have the same identity");
        ClaimException.Unless(after.Generation > before.Generation, "a restart should have a higher generation");

        List<string> times = [];
        foreach (var other in new[] { cluster.Alpha, cluster.Gamma })
        {
            var back = await other.WhenAsync<Snapshot>(
                "beta's new generation",
                view => view.Find(after.Id) is { State: MemberState.Alive } peer && peer.Generation == after.Generation,
                token);
            times.Add($"{other.Name} after {Screen.Milliseconds(back.Time - starting.Time)}");
        }

        return $"The others take it for the same node, alive in a new generation: {string.Join(", ", times)}.";
    }

    public static async Task<string> LeaveAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var gamma = cluster.Gamma;
        var id = gamma.Latest().Local.Id;
        var start = DateTimeOffset.UtcNow;
        if (broken)
        {
            gamma.Kill();
        }
        else
        {
            await gamma.TellAsync(Verb.Leave, token);
        }

        var exitCode = await gamma.WaitForExitAsync(token);
        screen.Say($"gamma says goodbye, and its process ends with exit code {exitCode}.");
        await cluster.RemoveAsync(gamma);
        List<string[]> rows = [];
        foreach (var other in new[] { cluster.Alpha, cluster.Beta })
        {
            var gone = await other.WhenAsync<Snapshot>(
                "gamma go", view => view.Time >= start && view.Find(id) is { State: MemberState.Left or MemberState.Dead }, token);
            rows.Add([other.Name, gone.Find(id)!.State.ToString(), Screen.Milliseconds(gone.Time - start)]);
            ClaimException.Unless(
                !other.Snapshots().Any(view => view.Time >= start && view.Find(id) is { State: MemberState.Suspect or MemberState.Dead }),
                $"{other.Name} took gamma for dead, though it should have left");
        }

        screen.Table(["node", "says that gamma is", "after"], rows);
        ClaimException.Unless(exitCode == 0, "gamma should have ended well");
        return "They were told, so nobody had to probe, to wait or to suspect.";
    }
}

using System.Diagnostics;
using Quorum.Nodes;

namespace Quorum.Tour;

/// <summary>The steps in which processes end and come back.</summary>
internal static class Failing
{
    /// <summary>What is written by the step that kills, and must still be there at the end.</summary>
    private const string Key = "after the kill";

    public static async Task<string> KillAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var victim = await InChargeAsync(context);
        NodeProcess[] survivors = [.. cluster.Running.Where(node => node != victim)];
        screen.Say($"{victim.Name}, process {victim.ProcessId}, is in charge: what the others write is decided there. It is killed without a word to anybody (SIGKILL).");
        var clock = Stopwatch.StartNew();
        victim.Kill();
        if (broken)
        {
            survivors[0].Kill();
            await cluster.RemoveAsync(survivors[0]);
            survivors = survivors[1..];
        }

        List<string[]> rows = [];
        foreach (var survivor in survivors)
        {
            var written = await survivor.AskAsync<Written>(Verb.Write, token, Key, survivor.Name);
            rows.Add([survivor.Name, $"{written.Version}", Screen.Milliseconds(clock.Elapsed)]);
        }

        await cluster.RemoveAsync(victim);
        screen.Table(["survivor", "writes version", "done after the kill"], rows);
        await Working.ShowAsync(context);
        return $"The next commit came {rows[0][2]} after the kill. Nobody had to notice the death first: who gets no answer asks the next one.";
    }

    public static async Task<string> ReturnAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var name = Cluster.Names.Except(cluster.Running.Select(node => node.Name)).Single();
        var epoch = (await cluster.Running[0].AskAsync<Status>(Verb.Status, token)).Epoch;
        if (broken)
        {
            Directory.Delete(cluster.DataOf(name), recursive: true);
        }

        var clock = Stopwatch.StartNew();
        var node = cluster.Start(cluster.Plan(name));
        await Working.WhenAllServeAsync(context);
        var time = clock.Elapsed;
        await Working.ShowAsync(context);
        var status = await node.AskAsync<Status>(Verb.Status, token);
        ClaimException.Unless(status.Epoch == epoch, $"{name} should have kept its seat, and others decide since");
        var rows = await node.AskAsync<Rows>(Verb.Read, token);
        ClaimException.Unless(rows.Items.Any(row => row.Key == Key), $"{name} does not read what was written while it was away");
        screen.Say($"{name} reads what was written while it was away: '{Key}', at version {rows.Version}.");
        return $"{name} votes again, {Screen.Milliseconds(time)} after its process was started, in the same epoch: no seat had to change.";
    }

    public static async Task<string> RefuseAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var survivor = cluster.Running[0];
        await survivor.AskAsync<Rows>(Verb.Read, token); // so that it knows what to write over
        NodeProcess[] others = [.. cluster.Running.Where(node => node != survivor).Take(broken ? 1 : 2)];
        foreach (var other in others)
        {
            await other.StopAsync(token);
            await cluster.RemoveAsync(other);
        }

        screen.Say($"{string.Join(" and ", others.Select(other => other.Name))} are stopped. {survivor.Name} alone is no majority of three.");
        await survivor.WhenAsync("that no majority serves", status => !status.HasQuorum || broken, token);
        foreach (var (what, asked) in new[] { ("write", survivor.TryAsync(Verb.Put, token, "alone", survivor.Name)), ("read", survivor.TryAsync(Verb.Read, token)) })
        {
            var answer = await asked;
            screen.Reasons($"{survivor.Name} tries to {what}", answer.Error is null ? "done" : cluster.WithNames(answer.Error));
            ClaimException.Unless(answer.Error is not null, $"a {what} without a majority should have been refused");
            ClaimException.Unless(
                others.All(other => answer.Error!.Contains($"{other.Settings.Address} has left", StringComparison.Ordinal)), "the reason does not say who is missing");
        }

        await Working.ShowAsync(context);
        return "Nothing is guessed, and no old rows are shown.";
    }

    public static async Task<string> ResumeAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var survivor = cluster.Running[0];
        var name = Cluster.Names.Except([survivor.Name]).First();
        var clock = Stopwatch.StartNew();
        if (!broken)
        {
            cluster.Start(cluster.Plan(name));
        }

        screen.Say($"{name} is started again.");
        await survivor.WhenAsync("a majority that serves", status => status.HasQuorum, token);
        var written = await survivor.AskAsync<Written>(Verb.Write, token, "together", survivor.Name);
        var time = clock.Elapsed;
        List<Rows> reads = [];
        foreach (var node in cluster.Running)
        {
            reads.Add(await node.AskAsync<Rows>(Verb.Read, token));
        }

        await Working.ShowAsync(context);
        screen.Table(["row", "value", "etag"], reads[0].Items.Select(row => new[] { row.Key, row.Value, row.Etag }));
        ClaimException.Unless(reads.All(read => read.Version == written.Version && read.Items.SequenceEqual(reads[0].Items)), "they do not read the same rows");
        ClaimException.Unless(
            new[] { Key, "race", "together" }.Concat(Cluster.Names).All(key => reads[0].Items.Any(row => row.Key == key)), "a row that was written is gone");
        return $"{survivor.Name} writes version {written.Version}, {Screen.Milliseconds(time)} after {name}'s process was started; every row that was written is there.";
    }

    /// <summary>The process that has the changes decided. Whoever writes sees to it that there is one.</summary>
    private static async Task<NodeProcess> InChargeAsync(StepContext context)
    {
        foreach (var node in context.Cluster.Running)
        {
            if ((await node.AskAsync<Status>(Verb.Status, context.Token)).IsInCharge)
            {
                return node;
            }
        }

        throw new ClaimException("nobody is in charge");
    }
}

using Quorum.Nodes;

namespace Quorum.Tour;

/// <summary>The steps in which all three work.</summary>
internal static class Working
{
    public static async Task<string> FoundAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var start = DateTimeOffset.UtcNow;
        foreach (var name in Cluster.Names)
        {
            var plan = cluster.Plan(name);
            cluster.Start(broken && name == "gamma" ? plan with { ClusterName = "another cluster" } : plan);
        }

        // The first two that meet found it; the third is given its seat.
        await WhenAllServeAsync(context);
        var time = DateTimeOffset.UtcNow - start;
        await ShowAsync(context);
        List<Status> all = [];
        foreach (var node in cluster.Running)
        {
            all.Add(await node.AskAsync<Status>(Verb.Status, token));
        }

        ClaimException.Unless(all.DistinctBy(status => (status.Incarnation, status.Epoch)).Count() == 1, "they do not know the same table");
        screen.Say($"Its incarnation, drawn when it was founded, is {all[0].Incarnation}.");
        return $"All three have a seat, {Screen.Milliseconds(time)} after the first process was started.";
    }

    public static async Task<string> WriteAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        foreach (var node in cluster.Running)
        {
            var written = await node.AskAsync<Written>(Verb.Write, token, node.Name, $"process {node.ProcessId}");
            screen.Say($"{node.Name} adds a row: version {written.Version}.");
        }

        if (broken)
        {
            await cluster.Running[0].AskAsync<Written>(Verb.Write, token, "alpha", "something else");
        }

        List<Rows> reads = [];
        foreach (var node in cluster.Running)
        {
            reads.Add(await node.AskAsync<Rows>(Verb.Read, token));
        }

        screen.Table(["row", "value", "etag"], reads[0].Items.Select(row => new[] { row.Key, row.Value, row.Etag }));
        ClaimException.Unless(reads.All(read => read.Version == cluster.Running.Length), "the version should have risen by one with each write");
        ClaimException.Unless(reads.All(read => read.Items.SequenceEqual(reads[0].Items)), "they do not read the same rows");
        return $"All three read these rows at version {reads[0].Version}.";
    }

    public static async Task<string> RaceAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var before = (await Task.WhenAll(cluster.Running.Select(node => node.AskAsync<Rows>(Verb.Read, token)))).Max(read => read.Version);
        screen.Say($"All three have read version {before}. Now each writes the same row, provided that the table is still at that version.");
        List<Written> outcomes = [];
        foreach (var node in broken ? cluster.Running : [])
        {
            outcomes.Add(await node.AskAsync<Written>(Verb.Write, token, "race", node.Name)); // at whatever version it is
        }

        if (!broken)
        {
            outcomes.AddRange(await Task.WhenAll(cluster.Running.Select(node => node.AskAsync<Written>(Verb.Put, token, "race", node.Name))));
        }

        screen.Table(["node", "was told"], cluster.Running.Zip(outcomes, (node, outcome) => new[] { node.Name, outcome.Done ? "done" : "somebody else was faster" }));
        var after = await cluster.Running[^1].AskAsync<Rows>(Verb.Read, token);
        ClaimException.Unless(outcomes.Count(outcome => outcome.Done) == 1, "exactly one should have won");
        ClaimException.Unless(after.Version == before + 1, $"the version should be {before + 1}, and is {after.Version}");
        var winner = cluster.Running.Zip(outcomes).Single(pair => pair.Second.Done).First.Name;
        ClaimException.Unless(after.Items.Single(row => row.Key == "race").Value == winner, "the row is not the winner's");
        return $"{winner} won, and version {after.Version} is what it wrote.";
    }

    /// <summary>Waits until every process sees a table whose acceptors are all there, itself among them.</summary>
    public static async Task WhenAllServeAsync(StepContext context)
    {
        foreach (var node in context.Cluster.Running)
        {
            await node.WhenAsync(
                "three acceptors that serve",
                status => status is { HasSeat: true, Diagnosis.Length: 0 } && status.Seats.Length == Cluster.Names.Length,
                context.Token);
        }
    }

    /// <summary>Shows what each process knows of the table, and of those who decide about it.</summary>
    public static async Task ShowAsync(StepContext context)
    {
        var (cluster, screen, _, token) = context;
        List<string[]> rows = [];
        Status? last = null;
        foreach (var node in cluster.Running)
        {
            last = await node.AskAsync<Status>(Verb.Status, token);
            rows.Add([
                node.Name,
                $"{node.ProcessId}",
                last.HasSeat ? "yes" : "no",
                last.IsInCharge ? "yes" : "",
                $"{last.Epoch}",
                last.Version is { } version ? $"{version}" : "-",
            ]);
        }

        screen.Table(["node", "process", "votes", "in charge", "epoch", "version"], rows);
        screen.Table(
            ["acceptor", "address", "its share is kept", $"{cluster.Running[^1].Name} sees it"],
            last!.Seats.OrderBy(seat => cluster.NameOf(seat.Address), StringComparer.Ordinal).Select(seat => new[]
            {
                cluster.NameOf(seat.Address), seat.Address, seat.IsDurable switch { true => "on disk", false => "in memory", null => "?" }, seat.State.ToString(),
            }));
    }
}

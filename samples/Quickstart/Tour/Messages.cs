using Gossip;
using Quickstart.Nodes;

namespace Quickstart.Tour;

/// <summary>The steps in which nodes talk.</summary>
internal static class Messages
{
    public static async Task<string> RouteAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        if (broken)
        {
            var gamma = cluster.Gamma.Latest().Local.Id;
            var dropped = DateTimeOffset.UtcNow;
            await cluster.Gamma.TellAsync(Verb.RemoveTag, token, Cluster.Worker);
            await cluster.Alpha.WhenAsync<Snapshot>(
                "gamma without its tag", view => view.Time >= dropped && view.Find(gamma)?.Tags.Contains(Cluster.Worker) == false, token);
        }

        screen.Say("alpha sends 'resize photo' to the tag worker, and gamma sends 'send mail' to it. A sender is never its own target.");
        await cluster.Alpha.AskAsync<Receipt[]>(Verb.Send, token, Cluster.Worker, "resize photo");
        await cluster.Gamma.AskAsync<Receipt[]>(Verb.Send, token, Cluster.Worker, "send mail");
        var inboxes = await ShowInboxesAsync(context);
        Expect(inboxes, "resize photo", "beta", "gamma");
        Expect(inboxes, "send mail", "beta");
        return "Exactly the workers have the messages; alpha, which is no worker, has none.";
    }

    public static async Task<string> BroadcastAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        if (broken)
        {
            var gamma = cluster.Gamma.Latest().Local.Id;
            await cluster.Gamma.TellAsync(Verb.Leave, token);
            await cluster.Beta.WhenAsync<Snapshot>("gamma leave", view => view.Find(gamma)?.State == MemberState.Left, token);
            await cluster.RemoveAsync(cluster.Gamma);
        }

        screen.Say("beta sends 'lunch!' to all, reliably: each target says when its handler has ended.");
        var start = DateTimeOffset.UtcNow;
        var receipts = await cluster.Beta.AskAsync<Receipt[]>(Verb.Broadcast, token, "lunch!");
        var time = DateTimeOffset.UtcNow - start;
        screen.Table(
            ["target", "outcome"],
            receipts.Select(receipt => new[] { cluster.NameOf(receipt.Id), receipt.Error ?? receipt.Outcome.ToString() }));
        var handled = receipts.Where(receipt => receipt.Outcome == SendOutcome.Handled).Select(receipt => cluster.NameOf(receipt.Id));
        ClaimException.Unless(handled.Order().SequenceEqual(["alpha", "gamma"]), "alpha and gamma should have acknowledged the message, and nobody else");
        Expect(await ShowInboxesAsync(context), "lunch!", "alpha", "gamma");
        return $"Both targets handled it, as they say and as their inboxes show: {Screen.Milliseconds(time)}.";
    }

    public static async Task<string> RequestAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var beta = cluster.Beta;
        var id = beta.Latest().Local.Id;
        if (broken)
        {
            await beta.TellAsync(Verb.Leave, token);
        }

        var start = DateTimeOffset.UtcNow;
        var reply = await cluster.Alpha.AskAsync<ReplyText>(Verb.Request, token, id, "who are you?");
        var time = DateTimeOffset.UtcNow - start;
        screen.Say($"alpha asks beta: 'who are you?' and beta replies: '{reply.Text}', says process {reply.ProcessId}.");
        ClaimException.Unless(reply == new ReplyText("WHO ARE YOU?", beta.ProcessId), "this is not the reply of beta's process");
        return $"The reply came from beta's process within {Screen.Milliseconds(time)}.";
    }

    /// <summary>Asks each process what it has received so far.</summary>
    private static async Task<Dictionary<string, Received[]>> ShowInboxesAsync(StepContext context)
    {
        var (cluster, screen, _, token) = context;
        Dictionary<string, Received[]> inboxes = [];
        foreach (var node in cluster.Running)
        {
            inboxes[node.Name] = await node.AskAsync<Received[]>(Verb.Inbox, token);
        }

        screen.Table(
            ["node", "tags", "says that it received"],
            cluster.Running.Select(node => new[]
            {
                node.Name,
                string.Join(", ", node.Latest().Local.Tags),
                string.Join(", ", inboxes[node.Name].Select(message => $"'{message.Text}' from {cluster.NameOf(message.From)}")),
            }));
        return inboxes;
    }

    private static void Expect(Dictionary<string, Received[]> inboxes, string text, params string[] names)
    {
        var have = inboxes.Where(inbox => inbox.Value.Count(message => message.Text == text) == 1).Select(inbox => inbox.Key);
        ClaimException.Unless(
            have.Order().SequenceEqual(names),
            $"'{text}' should have reached {string.Join(" and ", names)} once each, and nobody else");
    }
}

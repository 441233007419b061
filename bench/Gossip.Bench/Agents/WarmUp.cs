namespace Gossip.Bench.Agents;

/// <summary>
/// Lets three nodes that nobody measures find each other, compare views that differ, and hear a broadcast, so that the methods of all that are compiled
/// before they are measured: the peer is compiled ahead of time, and what the compiler takes on few cores would be all that one sees.
/// </summary>
internal static class WarmUp
{
    private const int Nodes = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(string address, string key)
    {
        using var patience = new CancellationTokenSource(Patience);
        List<GossipNode> nodes = [];
        try
        {
            var heard = new SemaphoreSlim(0);
            for (var i = 0; i < Nodes; i++)
            {
                var node = await GossipNode.StartAsync(Options(address, key, seed: nodes.FirstOrDefault()?.View.Local.Address.ToString()), cancellationToken: patience.Token);
                nodes.Add(node);
                node.Messages.Handle(MessageTypeNumber.FirstUser, (_, _) =>
                {
                    heard.Release();
                    return ValueTask.CompletedTask;
                });
                await node.AddTagAsync($"{i}", patience.Token);
            }

            foreach (var node in nodes)
            {
                await foreach (var change in node.WatchAsync(patience.Token))
                {
                    await node.ExplainAsync(change.Member.Id, patience.Token);
                    if (node.View.Present.Count() == Nodes)
                    {
                        break;
                    }
                }
            }

            await nodes[^1].Messages.SendAsync(
                Target.All, MessageTypeNumber.FirstUser, MessagePayload.Empty, new SendOptions { Delivery = Delivery.BestEffort }, patience.Token);
            for (var i = 1; i < Nodes; i++)
            {
                await heard.WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // A busy machine: then what is measured is a little colder.
        }

        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static GossipOptions Options(string address, string key, string? seed)
    {
        var options = new GossipOptions
        {
            BindAddress = $"{address}:0",
            ClusterName = "warm-up",
            Profile = GossipProfile.Local,
            AllowPlaintext = key.Length == 0,
        };
        if (key.Length > 0)
        {
            options.EncryptionKeys.Add(key);
        }

        options.Seeds.Add(seed ?? $"{address}:1");
        return options;
    }
}

namespace Gossip.Bench.Agents;

/// <summary>
/// Lets two nodes that nobody measures find each other and part again, so that the methods of a join are compiled before one is
/// measured: the peer is compiled ahead of time, and what the compiler takes on few cores would be all that one sees.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string address, string key)
    {
        await using var first = await GossipNode.StartAsync(Options(address, key, seed: null));
        await using var second = await GossipNode.StartAsync(Options(address, key, seed: first.View.Local.Address.ToString()));
        second.Messages.Handle(MessageTypeNumber.FirstUser, static (_, _) => ValueTask.CompletedTask);
        await first.Messages.SendAsync(Target.All, MessageTypeNumber.FirstUser, MessagePayload.Empty, new SendOptions { Delivery = Delivery.BestEffort });
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var change in first.WatchAsync(patience.Token))
            {
                if (!change.Member.IsLocal)
                {
                    await first.ExplainAsync(change.Member.Id);
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // A busy machine: then what is measured is a little colder.
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

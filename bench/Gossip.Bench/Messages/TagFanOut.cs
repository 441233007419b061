using System.Diagnostics;
using Gossip.Bench.Clusters;

namespace Gossip.Bench.Messages;

/// <summary>What a reliable message to all nodes of a tag costs beside as many sends to single nodes. All nodes are in this process, for the sender alone differs.</summary>
internal static class TagFanOut
{
    public const int Targets = 8;
    private const int Others = 4; // without the tag
    private const int Bytes = 1024;
    private const int Messages = 2000;
    private const int Rounds = 5;
    private const int Type = MessageTypeNumber.FirstUser;
    private const string Tag = "chosen";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<double> MeasureAsync(CancellationToken cancellationToken)
    {
        var nodes = new List<GossipNode>();
        try
        {
            for (var number = 0; number < 1 + Targets + Others; number++)
            {
                nodes.Add(await StartAsync(nodes.Count == 0 ? null : nodes[0], number is > 0 and <= Targets, cancellationToken));
            }

            await WaitForAllAsync(nodes[0], cancellationToken);
            Target[] single = [.. nodes[1..(Targets + 1)].Select(node => Target.Node(node.View.Local.Id))];
            await TimeAsync(nodes[0], single, cancellationToken); // connections, compilation
            await TimeAsync(nodes[0], [Target.Tag(Tag)], cancellationToken);
            var (bySingle, byTag) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var round = 0; round < Rounds; round++)
            {
                bySingle += await TimeAsync(nodes[0], single, cancellationToken);
                byTag += await TimeAsync(nodes[0], [Target.Tag(Tag)], cancellationToken);
            }

            return byTag / bySingle;
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task<GossipNode> StartAsync(GossipNode? seed, bool isChosen, CancellationToken cancellationToken)
    {
        var options = new GossipOptions { ClusterName = $"bench-{Environment.ProcessId}", BindAddress = "127.0.0.1:0" };
        if (seed is not null)
        {
            options.Seeds.Add(seed.View.Local.Address.ToString());
        }

        if (isChosen)
        {
            options.Tags.Add(Tag);
        }

        var node = await GossipNode.StartAsync(options, cancellationToken: cancellationToken);
        node.Messages.Handle(Type, static (_, _) => default);
        return node;
    }

    private static async Task WaitForAllAsync(GossipNode node, CancellationToken cancellationToken)
    {
        for (var left = Patience; node.View.Members.Count(member => member.State == MemberState.Alive && member.Tags.Contains(Tag)) < Targets; left -= TimeSpan.FromMilliseconds(20))
        {
            if (left <= TimeSpan.Zero)
            {
                throw new MeasurementException("the nodes did not find each other");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private static async Task<TimeSpan> TimeAsync(GossipNode node, Target[] targets, CancellationToken cancellationToken)
    {
        var content = MessagePayload.FromBytes(new byte[Bytes]);
        var start = Stopwatch.GetTimestamp();
        for (var message = 0; message < Messages; message++)
        {
            foreach (var result in await Task.WhenAll(targets.Select(target => node.Messages.SendAsync(target, Type, content, cancellationToken: cancellationToken).AsTask())))
            {
                if (!result.Succeeded)
                {
                    throw new MeasurementException("a message was not delivered");
                }
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }
}

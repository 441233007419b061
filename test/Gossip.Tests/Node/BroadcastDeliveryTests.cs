using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Best-effort messages to all, over real sockets: of any size, to each member once, and to who joins a little later.</summary>
public sealed class BroadcastDeliveryTests
{
    private const int Type = 200;
    private const int Nodes = 5;
    private const int Small = 300;
    private const int LargeSize = 1024 * 1024;

    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort, Timeout = TimeSpan.FromSeconds(20) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_to_all_of_any_size_reach_each_member_once_and_who_joins_later(bool isSealed)
    {
        var key = GossipKeys.Generate();
        await using var cluster = new LocalCluster();
        for (var i = 0; i < Nodes; i++)
        {
            var isLast = i == Nodes - 1;
            await cluster.AddAsync(options =>
            {
                Seal(options);
                options.TcpOnly = isLast;
            });
        }

        await cluster.FormedAsync();
        var nodes = cluster.Nodes.ToList();
        var heard = nodes.Select(Listen).ToList();
        var sender = nodes[0];

        for (var i = 0; i < Small; i++)
        {
            Assert.True((await sender.Messages.SendAsync(Target.All, Type, Text(i, size: i * 20), BestEffort, Token)).Succeeded);
        }

        Assert.True((await sender.Messages.SendAsync(Target.All, Type, Text(Small, LargeSize), BestEffort, Token)).Succeeded);
        Assert.True((await nodes[1].Messages.SendAsync(Target.All, Type, Text(Small + 1, GossipMessaging.MaxMessageSize), BestEffort, Token)).Succeeded);

        await Awaiting.UntilAsync(() => heard[1].Count == Small + 1 && heard.Skip(2).All(each => each.Count == Small + 2));
        Assert.Single(heard[0]);

        var newcomer = GossipNode.Create(cluster.Options(options =>
        {
            Seal(options);
            options.Seeds.Add(LocalCluster.Address(nodes[2]));
        }));
        await using (newcomer)
        {
            var later = Listen(newcomer);
            await newcomer.OpenAsync(Token);
            await Awaiting.UntilAsync(() => later.Count == Small + 2);
            Assert.All(later, one => Assert.Equal(1, one.Value));
            Assert.NotEqual(0, newcomer.RuntimeOrNull!.BroadcastCounters.Repaired);
        }

        Assert.All(heard, each => Assert.All(each, one => Assert.Equal(1, one.Value)));

        void Seal(GossipOptions options)
        {
            if (isSealed)
            {
                options.EncryptionKeys.Add(key);
            }
        }
    }

    [Fact]
    public async Task Without_a_window_what_does_not_fit_a_datagram_goes_to_each_member_and_not_to_who_joins_later()
    {
        await using var cluster = new LocalCluster();
        await cluster.AddAsync(WithoutWindow);
        await cluster.AddAsync(WithoutWindow);
        await cluster.FormedAsync();
        var heard = Listen(cluster.Nodes.Last());

        await cluster.Nodes.First().Messages.SendAsync(Target.All, Type, Text(1, size: 10), BestEffort, Token);
        await cluster.Nodes.First().Messages.SendAsync(Target.All, Type, Text(2, LargeSize), BestEffort, Token);

        await Awaiting.UntilAsync(() => heard.Count == 2);
        Assert.All(cluster.Nodes, node => Assert.Equal(0, node.RuntimeOrNull!.BroadcastCounters.Kept));

        static void WithoutWindow(GossipOptions options) => options.Messaging.BroadcastWindow = TimeSpan.Zero;
    }

    [Fact]
    public async Task A_broadcast_of_a_life_that_is_over_reaches_who_joins_after_it()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var heard = Listen(cluster.Nodes.ElementAt(1));
        await cluster.Nodes.Last().Messages.SendAsync(Target.All, Type, Text(1, size: 10), BestEffort, Token);
        await Awaiting.UntilAsync(() => heard.Count == 1);
        await cluster.KillAsync(cluster.Nodes.Last());

        var newcomer = GossipNode.Create(cluster.Options(options => options.Seeds.Add(LocalCluster.Address(cluster.Nodes.First()))));
        await using (newcomer)
        {
            var later = Listen(newcomer);
            await newcomer.OpenAsync(Token);
            await Awaiting.UntilAsync(() => later.Count == 1);
        }
    }

    /// <summary>How often each number was heard.</summary>
    private static ConcurrentDictionary<int, int> Listen(GossipNode node)
    {
        ConcurrentDictionary<int, int> heard = new();
        node.Messages.Handle(Type, (context, _) =>
        {
            var text = context.Payload.ReadText();
            heard.AddOrUpdate(int.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture), 1, (_, times) => times + 1);
            return ValueTask.CompletedTask;
        });
        return heard;
    }

    private static MessagePayload Text(int number, int size)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{number} ");
        return MessagePayload.FromText(text.Append('x', Math.Max(0, size - text.Length)).ToString());
    }
}

// Messages of one's own: .NET types, headers, what became of each at each member, order, and a message to all that also reaches who joins later.
//
//   dotnet run --project samples/UserMessages

using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Gossip;
using Samples;
using UserMessages;

const int Orders = 20;
const int OrderType = MessageTypeNumber.FirstUser;
const int NewsType = MessageTypeNumber.FirstUser + 1;
var checklist = new Checklist();
var taken = new ConcurrentQueue<Order>();
var heard = new ConcurrentDictionary<NodeId, ConcurrentQueue<string>>();

await using var shop = await StartAsync(null);
var seed = shop.View.Local.Address.ToString();
await using var kitchen = await StartAsync(seed);
await using var guest = await StartAsync(seed);
checklist.Check("found", await Checklist.WhenAsync(() => shop.View.Present.Count() == 3), "two others");

// Reliable is the default: the result says for each target what became of the message. One after the other, in the order in which they were sent.
using (kitchen.Messages.Handle<Order>(Take, new HandlerOptions { Ordering = MessageOrdering.BySender }))
{
    var headers = new Dictionary<string, string> { ["table"] = "7" };
    var sends = Enumerable.Range(1, Orders).Select(number => shop.Messages.SendAsync(Target.Node(kitchen.Id), new Order(number, "tea"), new SendOptions { Headers = headers }).AsTask());
    var results = await Task.WhenAll(sends);
    checklist.Check("handled", results.All(result => result.Succeeded), $"{results.Length} orders, each with its receipt");
    checklist.Check("in order", taken.Select(order => order.Number).SequenceEqual(Enumerable.Range(1, Orders)), $"from {taken.First().Number} to {taken.Last().Number}");

    var both = await shop.Messages.SendAsync(Target.All, new Order(0, "the bill"));
    checklist.Check("each its own", !both.Succeeded && both.Targets.Count(target => target.Succeeded) == 1, string.Join(", ", both.Targets.Select(target => target.Outcome)));
}

var nobody = (await shop.Messages.SendAsync(Target.Node(kitchen.Id), new Order(1, "tea"))).Targets[0];
checklist.Check("no handler", nobody.Outcome == SendOutcome.NoHandler, $"the kitchen is closed: {nobody.Error}");

// To all, best effort: nobody answers, and members keep it for a while, so that who lacks it, or joins, gets it from one of them.
var news = new string('!', 100_000);
await shop.Messages.SendAsync(Target.All, NewsType, MessagePayload.FromText(news), new SendOptions { Delivery = Delivery.BestEffort });
checklist.Check("to all", await HeardAsync(kitchen) && await HeardAsync(guest), $"{news.Length} characters, which no datagram holds");
await using var late = await StartAsync(seed);
checklist.Check("and later", await HeardAsync(late), "who joined afterwards has heard it, too");
checklist.Check("once", heard.Values.All(each => each.Count == 1), "and nobody twice");
return checklist.Conclude();

ValueTask Take(Order order, MessageContext context, CancellationToken cancellationToken)
{
    if (context.Headers.GetValueOrDefault("table") == "7")
    {
        taken.Enqueue(order);
    }

    return default;
}

Task<bool> HeardAsync(GossipNode node) => Checklist.WhenAsync(() => heard.TryGetValue(node.Id, out var all) && all.Contains(news));

async Task<GossipNode> StartAsync(string? seed)
{
    var options = new GossipOptions { ClusterName = "user-messages", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    options.MessageTypes.Register(OrderType, MessageJson.Default.Order);
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    // Handlers that are there before the start miss nothing of what members have kept.
    var node = GossipNode.Create(options);
    node.Messages.Handle(NewsType, (context, _) =>
    {
        heard.GetOrAdd(node.Id, static _ => []).Enqueue(context.ReadText());
        return default;
    });
    await node.OpenAsync();
    return node;
}

namespace UserMessages
{
    internal sealed record Order(int Number, string What);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class MessageJson : JsonSerializerContext;
}

// Publish and subscribe over a cluster, without a broker: patterns with wildcards, subscriptions that every member has acknowledged, a queue group that shares the work, and a subscriber that restarts.
//
//   dotnet run --project samples/Topics

using System.Collections.Concurrent;
using Gossip;
using Samples;

const int Note = MessageTypeNumber.FirstUser;
const int Jobs = 30;

var checklist = new Checklist();
var heard = new ConcurrentQueue<string>();
var done = new ConcurrentDictionary<string, ConcurrentBag<string>>();

await using var ann = await StartAsync();
var seed = ann.View.Local.Address.ToString();
await using var bob = await StartAsync(seed);
var eve = await StartAsync(seed);
GossipNode[] nodes = [ann, bob, eve];
await Checklist.WhenAsync(() => nodes.All(node => node.View.InState(MemberState.Alive).Count() == nodes.Length));

// * is one level, > is all the rest. When SubscribeAsync is over every member knows of the subscription, so nothing that any of them publishes from now on is missed.
await bob.Topics.SubscribeAsync("orders.*.created", (message, _) => Hear("bob", message));
await eve.Topics.SubscribeAsync("orders.eu.>", (message, _) => Hear("eve", message));
var acknowledged = await Task.WhenAll(nodes.Select(node => PublishAsync(node, "orders.eu.created")));
checklist.Check("acknowledged", acknowledged.All(result => result is { Succeeded: true, Targets.Length: 2 }) && heard.Count == 6, "whatever any of three nodes publishes reaches both subscribers at once");

heard.Clear();
await PublishAsync(ann, "orders.us.created");
await PublishAsync(ann, "orders.eu.shipped.late");
var nobody = await PublishAsync(ann, "orders.us.shipped");
checklist.Check("wildcards", heard.SequenceEqual(["bob hears orders.us.created", "eve hears orders.eu.shipped.late"]) && nobody.IsEmpty, "each hears its topics, and nobody what nobody asked for");

// Of a queue group exactly one gets each publication; those of the group take turns.
foreach (var (name, node) in new[] { ("ann", ann), ("bob", bob), ("eve", eve) })
{
    await node.Topics.SubscribeAsync(
        "jobs.>",
        (message, _) =>
        {
            done.GetOrAdd(message.ReadText(), static _ => []).Add(name);
            return default;
        },
        new SubscribeOptions { QueueGroup = "workers" });
}

for (var job = 0; job < Jobs; job++)
{
    await ann.Topics.PublishAsync("jobs.print", Note, MessagePayload.FromText($"{job}"));
}

var shares = done.Values.SelectMany(static workers => workers).CountBy(static worker => worker).OrderBy(static share => share.Key, StringComparer.Ordinal).ToArray();
checklist.Check("queue group", done.Count == Jobs && done.Values.All(static workers => workers.Count == 1) && shares.Length == nodes.Length,
    $"{Jobs} jobs, each done once: {string.Join(", ", shares.Select(static share => $"{share.Key} {share.Value}"))}");

// An inbox, for those who would rather read than be called. What has no room in it is refused, and the publisher is told.
await using (var inbox = await bob.Topics.OpenInboxAsync("news.*", new SubscribeOptions { InboxCapacity = 1 }))
{
    await PublishAsync(ann, "news.today");
    var refused = await PublishAsync(ann, "news.tomorrow");
    await using var reader = inbox.GetAsyncEnumerator();
    checklist.Check("inbox", await reader.MoveNextAsync() && reader.Current.Topic == "news.today" && refused.Targets[0].Outcome == SendOutcome.Refused, "one publication fits, and the second was refused");
}

// A subscriber that restarts has no subscriptions until it subscribes again, and then it gets publications as before.
var address = eve.View.Local.Address.ToString();
await eve.StopAsync();
await using var again = await StartAsync(seed, address);
await Checklist.WhenAsync(() => ann.View.Find(again.Id)?.Instance == again.Instance);
var between = await PublishAsync(ann, "orders.eu.paid");
await again.Topics.SubscribeAsync("orders.eu.>", (message, _) => Hear("eve", message));
heard.Clear();
var after = await PublishAsync(ann, "orders.eu.paid");
checklist.Check("restart", between.IsEmpty && after.Succeeded && heard.SequenceEqual(["eve hears orders.eu.paid"]), "nothing while it did not subscribe, and everything afterwards");

// And whoever comes late knows of the subscriptions by itself.
await using var late = await StartAsync(seed);
heard.Clear();
PublishResult found;
using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10)))
{
    do
    {
        found = await PublishAsync(late, "orders.eu.late");
    }
    while (found.IsEmpty && !patience.IsCancellationRequested);
}

checklist.Check("late joiner", found is { Succeeded: true, Targets.Length: 1 } && heard.SequenceEqual(["eve hears orders.eu.late"]), "a newcomer's publication finds its subscriber");
return checklist.Conclude();

ValueTask Hear(string name, MessageContext message)
{
    heard.Enqueue($"{name} hears {message.Topic}");
    return default;
}

static async Task<PublishResult> PublishAsync(GossipNode node, string topic) => await node.Topics.PublishAsync(topic, Note, MessagePayload.Empty);

static async Task<GossipNode> StartAsync(string? seed = null, string bind = "127.0.0.1:0")
{
    var options = new GossipOptions { ClusterName = "topics", BindAddress = bind, Profile = GossipProfile.Local };
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    return await GossipNode.StartAsync(options);
}

// Questions and answers: to one node, with its errors as exceptions; to all at once, with what came until the deadline; and by a client, which is no member.
//
//   dotnet run --project samples/Requests

using Gossip;
using Samples;

const int Square = MessageTypeNumber.FirstUser;
const int Slow = MessageTypeNumber.FirstUser + 1;
var checklist = new Checklist();

await using var asker = await StartAsync(null);
var first = asker.View.Local.Address.ToString();
await using var fast = await StartAsync(first);
await using var other = await StartAsync(first);
var givenUp = new TaskCompletionSource();
using var slow = other.Messages.HandleRequest(Slow, async (_, token) =>
{
    using var registration = token.Register(() => givenUp.TrySetResult()); // the asker's token travels
    await Task.Delay(Timeout.Infinite, token);
    return default;
});
using var quick = fast.Messages.HandleRequest(Slow, static (_, _) => ValueTask.FromResult(MessagePayload.FromText("at once")));
checklist.Check("found", await Checklist.WhenAsync(() => asker.View.Present.Count() == 3), "two others");

var reply = await asker.Messages.RequestAsync(fast.Id, Square, MessagePayload.FromText("12"));
checklist.Check("a reply", reply.ReadText() == "144", $"12 x 12 is {reply.ReadText()}");

try
{
    await asker.Messages.RequestAsync(fast.Id, Square, MessagePayload.FromText("twelve"));
}
catch (RemoteHandlerException error)
{
    checklist.Check("their error", error.RemoteType == typeof(FormatException).FullName, error.Message);
}

try
{
    await asker.Messages.RequestAsync(fast.Id, MessageTypeNumber.FirstUser + 2, MessagePayload.Empty);
}
catch (NoHandlerException error)
{
    checklist.Check("no handler", error.Target == fast.Instance, error.Message);
}

// All at once: who answers in time comes as a reply, who does not as an error.
List<string> came = [];
await foreach (var each in asker.Messages.RequestEachAsync(Target.All, Slow, MessagePayload.Empty, new RequestOptions { Timeout = TimeSpan.FromSeconds(1) }))
{
    came.Add(each.Succeeded ? each.Reply.ReadText() : each.Error!.GetType().Name);
}

checklist.Check("all at once", came is ["at once", nameof(RequestTimeoutException)], string.Join(", then ", came));
checklist.Check("given up", await Checklist.WhenAsync(() => givenUp.Task.IsCompleted), "the slow handler was told that nobody waits");

var options = new GossipOptions { ClusterName = "requests", Client = true, Profile = GossipProfile.Local, Seeds = { first } };
await using var client = await GossipNode.StartAsync(options);
await Checklist.WhenAsync(() => client.View.Find(fast.Id) is not null);
reply = await client.Messages.RequestAsync(fast.Id, Square, MessagePayload.FromText("7"));
checklist.Check("by a client", reply.ReadText() == "49" && asker.View.Members.Length == 3, $"7 x 7 is {reply.ReadText()}, and there are still {asker.View.Members.Length} members");
return checklist.Conclude();

async Task<GossipNode> StartAsync(string? seed)
{
    var options = new GossipOptions { ClusterName = "requests", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    var node = GossipNode.Create(options);
    node.Messages.HandleRequest(Square, (context, _) =>
    {
        var number = int.Parse(context.ReadText(), System.Globalization.CultureInfo.InvariantCulture);
        return ValueTask.FromResult(MessagePayload.FromText((number * number).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    });
    await node.OpenAsync();
    return node;
}

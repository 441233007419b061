// What stands before the handlers: a log with times, a cache of replies, and a rule about who may send what.
//
//   dotnet run --project samples/Middleware

using System.Collections.Concurrent;
using System.Diagnostics;
using Gossip;
using Samples;

const int Lookup = MessageTypeNumber.FirstUser;
const int Shutdown = MessageTypeNumber.FirstUser + 1;
var checklist = new Checklist();
var logged = new ConcurrentQueue<string>();
var cache = new ConcurrentDictionary<string, MessagePayload>();
var lookups = 0;

await using var server = await StartAsync(null, null);
var seed = server.View.Local.Address.ToString();
await using var admin = await StartAsync(seed, "admin");
await using var guest = await StartAsync(seed, null);
server.Messages.HandleRequest(Lookup, (context, _) => ValueTask.FromResult(MessagePayload.FromText($"{context.ReadText()} was looked up {++lookups} times")));
server.Messages.Handle(Shutdown, static (_, _) => default);

// First come, first asked: the log sees everything, also what the rule refuses and what the cache answers.
using var log = server.Messages.Use(async (context, next, token) =>
{
    var start = Stopwatch.GetTimestamp();
    try
    {
        return await next(context, token);
    }
    finally
    {
        var line = $"{context.Verb} {context.Type} from {context.Sender.Id.Prefix}";
        logged.Enqueue(line);
        Console.WriteLine($"  {line}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
    }
});
using var rule = server.Messages.RequireSenderTag(Shutdown, "admin");
using var remember = server.Messages.Use(async (context, next, token) =>
{
    if (context.Type != Lookup)
    {
        return await next(context, token);
    }

    var key = context.ReadText();
    return cache.TryGetValue(key, out var known) ? known : cache[key] = await next(context, token);
});

checklist.Check("found", await Checklist.WhenAsync(() => server.View.Present.Count() == 3 && server.View.WithTag("admin").Any()), "an admin and a guest");
var first = await guest.Messages.RequestAsync(server.Id, Lookup, MessagePayload.FromText("gossip"));
var second = await admin.Messages.RequestAsync(server.Id, Lookup, MessagePayload.FromText("gossip"));
checklist.Check("a cache", lookups == 1 && first.ReadText() == second.ReadText(), second.ReadText());

var allowed = await admin.Messages.SendAsync(Target.Node(server.Id), Shutdown, MessagePayload.Empty);
checklist.Check("allowed", allowed.Succeeded, "the admin may");
var refused = (await guest.Messages.SendAsync(Target.Node(server.Id), Shutdown, MessagePayload.Empty)).Targets[0];
checklist.Check("refused", refused.Outcome == SendOutcome.Failed, refused.Error ?? "");

// Before what is sent: whoever asks says why, in a header that the server sees.
string? reason = null;
using (server.Messages.Use((context, next, token) =>
{
    reason = context.Headers.GetValueOrDefault("reason");
    return next(context, token);
}))
using (guest.Messages.UseOutbound((message, next, token) => next(message with { Headers = new Dictionary<string, string> { ["reason"] = "curious" } }, token)))
{
    await guest.Messages.RequestAsync(server.Id, Lookup, MessagePayload.FromText("what is not in the cache"));
}

checklist.Check("before sends", reason == "curious", $"the reason is '{reason}'");
checklist.Check("a log", logged.Count == 5, $"{logged.Count} lines");

rule.Dispose();
var free = await guest.Messages.SendAsync(Target.Node(server.Id), Shutdown, MessagePayload.Empty);
checklist.Check("taken back", free.Succeeded, "without the rule the guest may, too");
return checklist.Conclude();

static async Task<GossipNode> StartAsync(string? seed, string? tag)
{
    var options = new GossipOptions { ClusterName = "middleware", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    if (tag is not null)
    {
        options.Tags.Add(tag);
    }

    return await GossipNode.StartAsync(options);
}

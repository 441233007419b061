// Whom a message is for: four nodes with tags and metadata, and a fifth one that sends to some of them, chosen in six ways.
//
//   dotnet run --project samples/Tagged

using System.Collections.Concurrent;
using Gossip;
using Samples;

const int Note = MessageTypeNumber.FirstUser;
var checklist = new Checklist();
var heard = new ConcurrentDictionary<string, ConcurrentQueue<string>>(); // by message, who had it

await using var sender = await StartAsync("sender", null, []);
var first = sender.View.Local.Address.ToString();
await using var web1 = await StartAsync("web1", first, ["web"], "eu-west");
await using var web2 = await StartAsync("web2", first, ["web", "canary"], "eu-north");
await using var admin = await StartAsync("admin", first, ["admin"], "us-east");
await using var plain = await StartAsync("plain", first, []);
checklist.Check("found", await Checklist.WhenAsync(() => sender.View.Present.Count() == 5 && sender.View.WithTag("web").Count() == 2 && sender.View.WithMetadata("dc").Count() == 3), "four others, with their tags");

await SendAsync("a tag", Target.Tag("web"), "web1 web2");
await SendAsync("an expression", Target.Matching("web & !canary | admin"), "admin web1");
await SendAsync("metadata", Target.Matching(MetadataFilter.Parse("dc", "~eu")), "web1 web2");
await SendAsync("everybody", Target.All, "admin plain web1 web2");

// Work for whoever is next: each gets as much as the other.
var next = Target.NextOne(Target.Tag("web"));
for (var i = 0; i < 4; i++)
{
    await sender.Messages.SendAsync(next, Note, MessagePayload.FromText("in turn"));
}

checklist.Check("in turn", string.Join(' ', heard["in turn"].Order(StringComparer.Ordinal)) == "web1 web1 web2 web2", string.Join(' ', heard["in turn"]));

try
{
    Target.Matching("web & | admin");
}
catch (TagExpressionException error)
{
    checklist.Check("a mistake", error.Position == 6, error.Message);
}

return checklist.Conclude();

async Task<GossipNode> StartAsync(string name, string? seed, string[] tags, string? dataCentre = null)
{
    var options = new GossipOptions { ClusterName = "tagged", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    foreach (var tag in tags)
    {
        options.Tags.Add(tag);
    }

    if (dataCentre is not null)
    {
        options.Metadata["dc"] = dataCentre;
    }

    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    var node = GossipNode.Create(options);
    node.Messages.Handle(Note, (context, _) =>
    {
        heard.GetOrAdd(context.ReadText(), _ => []).Enqueue(name);
        return default;
    });
    await node.OpenAsync();
    return node;
}

async Task SendAsync(string how, Target target, string expected)
{
    var result = await sender.Messages.SendAsync(target, Note, MessagePayload.FromText(how));
    var had = string.Join(' ', heard.GetValueOrDefault(how, []).Order(StringComparer.Ordinal));
    checklist.Check(how, result.Succeeded && had == expected, $"reached {had}");
}

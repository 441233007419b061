// Something of one's own for each member of a group, here a counter of the work that it was given: made when the member comes, taken back when it goes, each exactly once.
//
//   dotnet run --project samples/Groups

using Gossip;
using Samples;

var checklist = new Checklist();
List<string> happened = [];

await using var leader = await StartAsync(null, null);
var seed = leader.View.Local.Address.ToString();
var workers = leader.Group(
    member => member.HasTag("worker"),
    member =>
    {
        Happened($"{member.Id.Prefix} came");
        return new Work();
    },
    (member, work) => Happened($"{member.Id.Prefix} went after {work.Done} pieces of work"));

await using var ada = await StartAsync(seed, "worker");
await using var bob = await StartAsync(seed, "worker");
await using var eve = await StartAsync(seed, "guest");
checklist.Check("two came", await Checklist.WhenAsync(() => workers.Count == 2 && leader.View.Present.Count() == 4), "and the guest is no worker");

foreach (var worker in workers.Members)
{
    worker.Data.Done++;
}

await eve.AddTagAsync("worker");
checklist.Check("one changed", await Checklist.WhenAsync(() => workers.Count == 3), "the guest became a worker");
await bob.RemoveTagAsync("worker");
checklist.Check("one ceased", await Checklist.WhenAsync(() => workers.Count == 2), "a worker works no more");
await ada.StopAsync();
checklist.Check("one left", await Checklist.WhenAsync(() => workers.Count == 1), "a worker left the cluster");
await workers.DisposeAsync();

string[] expected = [$"{ada.Id.Prefix} went after 1 pieces of work", $"{bob.Id.Prefix} went after 1 pieces of work", $"{eve.Id.Prefix} went after 0 pieces of work"];
checklist.Check("exactly once", happened.Count == 6 && expected.All(happened.Contains), $"{happened.Count} happenings for three workers");
return checklist.Conclude();

void Happened(string what)
{
    happened.Add(what); // the group's functions run one after the other
    Console.WriteLine($"  {what}");
}

async Task<GossipNode> StartAsync(string? seed, string? tag)
{
    var options = new GossipOptions { ClusterName = "groups", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
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

/// <summary>What is kept for each worker.</summary>
internal sealed class Work
{
    public int Done { get; set; }
}

// What a node hears of the others as it happens: who comes, what it says of itself, that it leaves, and ticks for work that is done now and then.
//
//   dotnet run --project samples/Events

using System.Collections.Concurrent;
using Gossip;
using Samples;

const int WantedTicks = 3;
var checklist = new Checklist();
var heard = new ConcurrentQueue<string>();
using var stop = new CancellationTokenSource();

await using var watcher = await StartAsync(null);
using var hook = watcher.Hook<MemberChanged>((happened, _) =>
{
    if (!happened.Change.Member.IsLocal && happened.Change.Kind == ClusterChangeKind.Added)
    {
        Heard("a hook was called");
    }

    return default;
});
var seed = watcher.View.Local.Address.ToString();
var changes = Task.Run(WatchChangesAsync);
var loads = Task.Run(WatchLoadAsync);

await using var other = await StartAsync(seed);
checklist.Check("it came", await HeardAsync("Added Alive"), "with the state that it has");
checklist.Check("a hook", await HeardAsync("a hook was called"), "the same for those who like functions better");
await other.AddTagAsync("worker");
checklist.Check("a tag", await HeardAsync("Updated worker"), "that it carries now");
await other.SetMetadataAsync("load", 0.25);
checklist.Check("metadata", await HeardAsync("load is 0.25"), "a key that somebody watches");
await other.LeaveAsync();
checklist.Check("it left", await HeardAsync("StateChanged Left"), "of its own will, so it is not dead");
await other.JoinAsync([seed]);
checklist.Check("it came back", await HeardAsync("Restarted Alive"), "with a new life of the same node");
await other.StopAsync();

var ticks = 0;
await foreach (var view in watcher.TicksAsync(TimeSpan.FromMilliseconds(50)))
{
    if (++ticks == WantedTicks)
    {
        checklist.Check("ticks", view.Version > 0, $"{ticks} of them, each with the latest view");
        break;
    }
}

await stop.CancelAsync();
await Task.WhenAll(changes, loads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return checklist.Conclude();

Task<bool> HeardAsync(string what) => Checklist.WhenAsync(() => heard.Contains(what));

async Task WatchChangesAsync()
{
    await foreach (var change in watcher.WatchAsync(stop.Token))
    {
        if (!change.Member.IsLocal)
        {
            Heard(change.Kind == ClusterChangeKind.Updated ? $"Updated {string.Join(' ', change.Member.Tags)}" : $"{change.Kind} {change.Member.State}");
        }
    }
}

async Task WatchLoadAsync()
{
    await foreach (var change in watcher.WatchMetadataAsync("load", stop.Token))
    {
        Heard($"load is {change.Current}");
    }
}

void Heard(string what)
{
    heard.Enqueue(what);
    Console.WriteLine($"  {what}");
}

static async Task<GossipNode> StartAsync(string? seed)
{
    var options = new GossipOptions { ClusterName = "events", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    return await GossipNode.StartAsync(options);
}

// A sealed cluster whose key is changed while it works: install, use, remove. Whoever is left out is named before, not after.
//
//   dotnet run --project samples/Secure

using Gossip;
using Samples;

const int Order = MessageTypeNumber.FirstUser;
var checklist = new Checklist();
using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(40));
var token = deadline.Token;

// In earnest a key comes from where secrets are kept, and not out of the program.
var first = GossipKeys.Generate();
var second = GossipKeys.Generate(GossipCipher.ChaCha20Poly1305);
while (GossipKeys.Describe(second).Id == GossipKeys.Describe(first).Id)
{
    second = GossipKeys.Generate(GossipCipher.ChaCha20Poly1305); // ids are short, and no node can have two keys of one
}

await using var shop = await StartAsync(null, first);
var seed = shop.View.Local.Address.ToString();
await using var stock = await StartAsync(seed, first);
await using var till = await StartAsync(seed, first);
GossipNode[] nodes = [shop, stock, till];
checklist.Check("sealed", await Checklist.WhenAsync(() => Array.TrueForAll(nodes, node => node.View.Present.Count() == nodes.Length)), $"three nodes with one key: {shop.Keys}");

await using (var stranger = await StartAsync(null, GossipKeys.Generate()))
{
    var refused = (await stranger.JoinAsync([seed], token))[0];
    checklist.Check("a stranger", refused.Failure == JoinFailure.KeyMismatch && shop.View.Present.Count() == nodes.Length, refused.Error?.Message ?? "was let in");
}

// Orders go on all the while. Each is acknowledged by both, or it counts as lost.
var (sent, lost) = (0, 0);
stock.Messages.Handle(Order, static (_, _) => default);
till.Messages.Handle(Order, static (_, _) => default);
using var closing = CancellationTokenSource.CreateLinkedTokenSource(token);
var orders = Task.Run(async () =>
{
    while (!closing.IsCancellationRequested)
    {
        var result = await shop.Messages.SendAsync(Target.All, Order, MessagePayload.FromText("a chair"), cancellationToken: token);
        sent++;
        lost += result.Succeeded && result.Targets.Length == 2 ? 0 : 1;
    }
});

// Too early: the others could not read what is sealed under a key that they lack.
shop.Keys.Add(second);
try
{
    await shop.Keys.UseAsync(second, cancellationToken: token);
    checklist.Check("too early", cameTrue: false, "the key was put to use although two members lack it");
}
catch (GossipKeyChangeException e)
{
    checklist.Check("too early", e.Members.Count == 2, e.Message);
}

var installed = await shop.Keys.InstallAsync(second, token);
checklist.Check("install", installed.Succeeded && installed.Members.Count == nodes.Length, Show(installed));
await MoreOrdersAsync();

// From any node: here it is another one.
var used = await till.Keys.UseAsync(second, cancellationToken: token);
checklist.Check("use", used.Succeeded && used.Members.All(member => member.Keys[0].Cipher == GossipCipher.ChaCha20Poly1305), Show(used));
await MoreOrdersAsync();

var removed = await stock.Keys.RemoveAsync(first, cancellationToken: token);
checklist.Check("remove", removed.Succeeded && removed.Members.All(member => member.Keys.Count == 1), Show(removed));
await MoreOrdersAsync();

await closing.CancelAsync();
await orders;
checklist.Check("nothing lost", lost == 0 && sent > 0, $"{sent} orders to two members each, {lost} lost");
checklist.Check("nobody lost", nodes.All(node => node.View.InState(MemberState.Alive).Count() == nodes.Length), "each sees the others alive");

// Who was away in the meantime, and has the former key only, learns what to do.
await using (var late = await StartAsync(null, first))
{
    var refused = (await late.JoinAsync([seed], token))[0];
    checklist.Check("too late", refused.Failure == JoinFailure.KeyMismatch, refused.Error?.Message ?? "was let in with a key that was removed");
}

await using var back = await StartAsync(seed, second);
checklist.Check("back", await Checklist.WhenAsync(() => shop.View.Present.Count() == nodes.Length + 1), $"with the new key it comes in: {back.Keys}");
return checklist.Conclude();

async Task MoreOrdersAsync()
{
    var until = Volatile.Read(ref sent) + 20;
    await Checklist.WhenAsync(() => Volatile.Read(ref sent) >= until || orders.IsCompleted);
}

static string Show(KeyChangeResult result) =>
    string.Join("; ", result.Members.Select(member => $"{member.Member.Id.Prefix} has {string.Join(", ", member.Keys.Select(key => key.Id + (key.IsPrimary ? "*" : "")))}"));

static Task<GossipNode> StartAsync(string? seed, string key)
{
    var options = new GossipOptions { ClusterName = "secure", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    options.EncryptionKeys.Add(key);
    options.AllowedNetworks.Add("127.0.0.0/8");
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    return GossipNode.StartAsync(options);
}

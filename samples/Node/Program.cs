// One node of a cluster, made for containers: all that it is told it is told by environment variables, and all that it knows it shows over HTTP.
//
//   docker compose -f samples/Node/compose.yaml up --scale node=5
//
// Gossip__ClusterName, Gossip__Seeds__0, Gossip__Tags__0, Gossip__Metadata__name, Gossip__Table__Expect and so on are GossipOptions; ASPNETCORE_URLS says where HTTP is served.
// With Silo=true it is a silo of Orleans, too. History names a file to which POST /work writes what it did with the table, for whoever wants to check it; Pace is how long it thinks between two uses at most.

using Gossip;
using Node;

const string On = "/writing/start";
const string Off = "/writing/stop";

var builder = WebApplication.CreateBuilder(args);
builder.UseGossipClustering(static options =>
{
    options.Table ??= new TableOptions();
    options.MessageTypes.Register<Note>(MessageTypeNumber.FirstUser);
});
SiloRole.Add(builder);
builder.Services.AddSingleton<Inbox>().AddHostedService(static services => services.GetRequiredService<Inbox>());
builder.Services.AddSingleton<Deaths>().AddHostedService(static services => services.GetRequiredService<Deaths>());
builder.Services.AddSingleton<TableWork>().AddHostedService(static services => services.GetRequiredService<TableWork>());

var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/status", NodeReport.ReadAsync);
app.MapPost("/send", static async (string tag, string text, GossipNode node, CancellationToken cancellationToken) =>
{
    var sent = await node.Messages.SendAsync(Target.Tag(tag), new Note(text), new SendOptions { Delivery = Delivery.Reliable }, cancellationToken);
    return sent.Targets.Select(static target => new SendReport(target.Target.Id.ToString(), target.Outcome.ToString(), target.Error));
});
app.MapPost(On, static (TableWork work) => work.IsOn = true);
app.MapPost(Off, static async (TableWork work) =>
{
    work.IsOn = false;
    await work.Rest; // what it began last is answered
});
SiloRole.Map(app);
await app.RunAsync();

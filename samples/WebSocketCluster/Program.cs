// Two nodes inside web applications, without a port of their own: one is reached directly, the other one behind a reverse proxy.
//
//   dotnet run --project samples/WebSocketCluster

using System.Security.Cryptography;
using Gossip;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samples;
using WebSocketCluster;

const int Greeting = MessageTypeNumber.FirstUser;
const int Question = MessageTypeNumber.FirstUser + 1;
const int Upload = MessageTypeNumber.FirstUser + 2;
const int UploadBytes = 1024 * 1024;
var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)); // the same on every node; from where your secrets are kept
var checklist = new Checklist();
var ports = FreePorts.Find(4);
var frontUrl = $"ws://127.0.0.1:{ports[0]}/gossip";
var backUrl = $"ws://127.0.0.1:{ports[2]}/back/gossip"; // as others see it: the proxy's

await using var front = await StartAsync(ports[0], frontUrl, null, token);
await using var proxy = await ReverseProxy.StartAsync(ports[2], "/back", ports[1]);
await using var back = await StartAsync(ports[1], backUrl, frontUrl, token);
var (frontNode, backNode) = (NodeOf(front), NodeOf(back));

var met = await Checklist.WhenAsync(() => frontNode.View.Present.Count() == 2 && backNode.View.Present.Count() == 2);
checklist.Check("met", met, string.Join(", ", frontNode.View.Present.Select(static member => member.WebAddress)));

var sent = await frontNode.Messages.SendAsync(Target.Node(backNode.Id), Greeting, MessagePayload.FromText("hello"));
checklist.Check("a message", sent.Succeeded, "through the proxy, and acknowledged");

var reply = await backNode.Messages.RequestAsync(frontNode.Id, Question, MessagePayload.FromText("who are you?"));
checklist.Check("a request", reply.ReadText() == "the front", reply.ReadText());

long received;
await using (var stream = await frontNode.Streams.OpenAsync(backNode.Id, Upload))
{
    await stream.Output.WriteAsync(new byte[UploadBytes]);
    await stream.Output.CompleteAsync();
    using var answer = new MemoryStream();
    await stream.Input.CopyToAsync(answer);
    received = BitConverter.ToInt64(answer.ToArray());
}

checklist.Check("a stream", received == UploadBytes, $"{received} bytes");

// A stranger has another token: it is told so, and nobody hears of it.
await using (var stranger = await StartAsync(ports[3], $"ws://127.0.0.1:{ports[3]}/gossip", null, new string('x', 32)))
{
    var refused = (await NodeOf(stranger).JoinAsync([frontUrl]))[0];
    checklist.Check("refused", refused.Failure == JoinFailure.TokenRefused && frontNode.View.Members.Length == 2, refused.Error?.Message ?? "");
}

await back.StopAsync();
var left = await Checklist.WhenAsync(() => frontNode.View.Find(backNode.Id)?.State == MemberState.Left);
checklist.Check("a farewell", left, "the web application stopped, and its node said so");
return checklist.Conclude();

static GossipNode NodeOf(WebApplication application) => application.Services.GetRequiredService<GossipNode>();

static async Task<WebApplication> StartAsync(int port, string url, string? seed, string token)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
    builder.Services.AddGossipCluster(options =>
    {
        options.ClusterName = "web";
        options.Profile = GossipProfile.Local;
        options.WebOnly = true;
        options.Web.Address = url;
        options.Web.Token = token;
        if (seed is not null)
        {
            options.Seeds.Add(seed);
        }
    });
    var application = builder.Build();
    application.MapGossip("/gossip");

    var node = NodeOf(application);
    node.Messages.Handle(Greeting, static (_, _) => default);
    node.Messages.HandleRequest(Question, static (_, _) => ValueTask.FromResult(MessagePayload.FromText("the front")));
    node.Streams.Handle(Upload, static async (stream, token) =>
    {
        using var bytes = new MemoryStream();
        await stream.Input.CopyToAsync(bytes, token);
        await stream.Output.WriteAsync(BitConverter.GetBytes(bytes.Length), token);
        await stream.Output.CompleteAsync();
    });
    await application.StartAsync();
    return application;
}

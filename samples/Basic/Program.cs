// The shortest useful program: a generic host that is a member of a cluster, watches the others come and go, and greets them.
//
//   dotnet run --project samples/Basic             two hosts in this process meet, greet each other and stop
//   dotnet run --project samples/Basic -- --stay   one host until Ctrl+C; start it in several terminals, and they find each other
//
// Options come from section Gossip of appsettings.json, and from the lambda below. Greeter.cs is what the application does.

using Basic;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

const int Success = 0;
const int Failure = 1;
var patience = TimeSpan.FromSeconds(5);

if (args.Contains("--stay"))
{
    await Build(options => { }).RunAsync();
    return Success;
}

// Port 0 is any free port, so that this can run anywhere; the second host is told where the first one is.
using var first = Build(options => options.BindAddress = "127.0.0.1:0");
await first.StartAsync();
var address = first.Services.GetRequiredService<GossipNode>().View.Local.Address;
using var second = Build(options =>
{
    options.BindAddress = "127.0.0.1:0";
    options.Seeds.Add(address.ToString());
});
await second.StartAsync();

try
{
    await Task.WhenAll(Greeted(first), Greeted(second)).WaitAsync(patience);
    Console.WriteLine("Both were greeted.");
    return Success;
}
catch (TimeoutException)
{
    Console.WriteLine("Somebody was not greeted.");
    return Failure;
}
finally
{
    await second.StopAsync();
    await first.StopAsync();
}

IHost Build(Action<GossipOptions> configure)
{
    // `dotnet run` starts in the folder of the shell; appsettings.json is next to the program.
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.UseGossipClustering(options =>
    {
        options.MessageTypes.Register<Greeting>(MessageTypeNumber.FirstUser);
        configure(options);
    });
    builder.Services.AddSingleton<Greeter>().AddHostedService(services => services.GetRequiredService<Greeter>());
    return builder.Build();
}

static Task Greeted(IHost host) => host.Services.GetRequiredService<Greeter>().Greeted;

// A silo and a client whose clustering is set up by configuration only: nothing in this program names the provider. Orleans finds
// it by "ProviderType": "Gossip" in appsettings.json, because the project references its package.
//
//   dotnet run --project samples/OrleansConfiguration               a silo and a client in processes of their own; one calls a grain of the other
//   dotnet run --project samples/OrleansConfiguration -- --silo     a silo until Ctrl+C
//   dotnet run --project samples/OrleansConfiguration -- --client   a client, which calls a grain and ends; appsettings.Client.json is what it has of its own
//
// Whatever appsettings.json says can be said anew behind that, as anywhere. A second silo on this machine needs ports of its own:
//
//   … -- --silo --Orleans:Endpoints:SiloPort=11112 --Orleans:Endpoints:GatewayPort=30001 --Orleans:Clustering:BindAddress=127.0.0.1:11512

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConfiguration;

const int Success = 0;
const int UsageError = 2;
const string SiloArgument = "--silo";
const string ClientArgument = "--client";

switch (args)
{
    case []:
        return await SelfCheck.RunAsync(SiloArgument, ClientArgument);
    case [SiloArgument, .. var settings]:
        var silo = Builder("Silo", settings);
        silo.UseOrleans();
        await silo.Build().RunAsync();
        return Success;
    case [ClientArgument, .. var settings]:
        var client = Builder("Client", settings);
        client.UseOrleansClient();
        using (var host = client.Build())
        {
            await host.StartAsync();
            Console.WriteLine(await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IHelloGrain>("first").SayHelloAsync("client"));
            await host.StopAsync();
        }

        return Success;
    default:
        Console.Error.WriteLine($"Usage: OrleansConfiguration [{SiloArgument}|{ClientArgument} [--key=value ...]]");
        return UsageError;
}

// `dotnet run` starts in the folder of the shell; the settings are next to the program. The name of the environment picks the further file, if there is one.
static HostApplicationBuilder Builder(string environment, string[] settings)
{
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = settings, EnvironmentName = environment, ContentRootPath = AppContext.BaseDirectory });
    builder.Services.AddHostedService<ParentWatch>();
    return builder;
}

// What a load balancer and a supervisor ask: is the node ready, and would it help to start the process again?
//
//   dotnet run --project samples/Health
//
// With ASP.NET Core, MapHealthChecks shows the same checks by their tags "ready" and "live".

using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samples;

const string Ready = "ready";
const string Live = "live";
var checklist = new Checklist();
string[] seeds = [.. FreePorts.Find(3).Select(port => $"127.0.0.1:{port}")];
List<HealthReport> lives = [];

using var first = Build(seeds[0], seeds, new TableOptions());
await CheckAsync("not started", first, HealthStatus.Unhealthy);

// One of the three that found the table is there: the node runs, and calls to its table would fail.
await first.StartAsync();
await CheckAsync("one of three", first, HealthStatus.Unhealthy);
using var second = Build(seeds[1], seeds, new TableOptions());
using var third = Build(seeds[2], seeds, new TableOptions());
await Task.WhenAll(second.StartAsync(), third.StartAsync());
await CheckAsync("all three", first, HealthStatus.Healthy);

// A node with a seed that nobody is at takes part in nothing but itself.
using var alone = Build("127.0.0.1:0", [$"127.0.0.1:{FreePorts.Find(1)[0]}"], null);
await alone.StartAsync();
await CheckAsync("alone", alone, HealthStatus.Degraded);

await Task.WhenAll(alone.StopAsync(), second.StopAsync(), third.StopAsync());
await first.StopAsync();
await CheckAsync("stopped", first, HealthStatus.Unhealthy);
checklist.Check("alive", lives.Count == 5 && lives.All(live => live.Status == HealthStatus.Healthy), "all the time: to start a process again would have helped against none of this");
return checklist.Conclude();

// Others need a moment to be found.
async Task CheckAsync(string step, IHost host, HealthStatus wanted)
{
    var checks = host.Services.GetRequiredService<HealthCheckService>();
    HealthReport report;
    var patience = TimeSpan.FromSeconds(15);
    var period = TimeSpan.FromMilliseconds(50);
    do
    {
        report = await checks.CheckHealthAsync(check => check.Tags.Contains(Ready));
        await Task.Delay(period);
        patience -= period;
    }
    while (report.Status != wanted && patience > TimeSpan.Zero);

    lives.Add(await checks.CheckHealthAsync(check => check.Tags.Contains(Live)));
    checklist.Check(step, report.Status == wanted, $"{report.Status}: {report.Entries.Values.Single().Description}");
}

static IHost Build(string address, string[] seeds, TableOptions? table)
{
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.ClearProviders();
    builder.UseGossipClustering(options =>
    {
        options.ClusterName = "health";
        options.BindAddress = address;
        options.Profile = GossipProfile.Local;
        options.Table = table;
        foreach (var seed in seeds)
        {
            options.Seeds.Add(seed);
        }
    });
    return builder.Build();
}

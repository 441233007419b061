using System.Diagnostics;
using OrleansCluster.Grains;
using OrleansCluster.Silos;

namespace OrleansCluster.Tour;

/// <summary>The steps in which all silos work.</summary>
internal static class Working
{
    /// <summary>Enough that each silo has some, whatever chance does.</summary>
    private const int Grains = 60;

    public static async Task<string> StartAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        var clock = Stopwatch.StartNew();
        foreach (var name in Cluster.Names)
        {
            var plan = cluster.Plan(name);
            cluster.Start(broken && name == Cluster.Names[^1] ? plan with { ClusterId = "another cluster" } : plan);
        }

        // A client may start before its silos.
        var client = TimeAsync(cluster.StartClientAsync(token), clock);
        await WhenAllActiveAsync(context);
        var silos = clock.Elapsed;
        await ShowAsync(context);
        return $"All three saw three active silos {Screen.Milliseconds(silos)} after the first process was started, and the client was connected after {Screen.Milliseconds(await client)}.";
    }

    public static Task<string> CallAsync(StepContext context) => CallAsync(context, Grains);

    /// <summary>The same grains, and as many new ones.</summary>
    public static Task<string> CallMoreAsync(StepContext context) => CallAsync(context, Grains * 2);

    public static async Task<string> PlaceAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        if (broken)
        {
            await cluster["alpha"].TellAsync(Verb.AddTag, token, ICacheGrain.Tag);
        }

        var places = await Task.WhenAll(Enumerable.Range(0, Grains).Select(number =>
            cluster.Client.CallAsync(grains => grains.GetGrain<ICacheGrain>(number).WhereAsync(), token)));

        screen.Table(
            ["silo", "tags", $"grains with [RequireTag(\"{ICacheGrain.Tag}\")]"],
            cluster.Running.Select(silo => new[] { silo.Name, string.Join(", ", silo.Settings.Tags), $"{places.Count(place => place == silo.Name)}" }));
        ClaimException.Unless(
            places.All(place => cluster[place].Settings.Tags.Contains(ICacheGrain.Tag)), $"a grain runs on a silo that was started without the tag {ICacheGrain.Tag}");
        return $"All {Grains} run where the tag {ICacheGrain.Tag} is.";
    }

    public static async Task<string> SendAsync(StepContext context)
    {
        var (cluster, screen, broken, token) = context;
        if (broken)
        {
            // alpha, which sends, may see that a moment later, or not: both are wrong.
            await cluster["beta"].TellAsync(Verb.RemoveTag, token, ICacheGrain.Tag);
            await cluster["alpha"].TellAsync(Verb.AddTag, token, ICacheGrain.Tag);
        }

        screen.Say($"alpha sends 'prices' to the tag {ICacheGrain.Tag}, and gamma sends 'menu' to the tag {Cluster.Web}: from silo to silo, without a grain. A sender is never its own target.");
        var prices = await cluster["alpha"].AskAsync<int>(Verb.Send, token, ICacheGrain.Tag, "prices");
        var menu = await cluster["gamma"].AskAsync<int>(Verb.Send, token, Cluster.Web, "menu");
        if (broken)
        {
            await cluster["gamma"].AskAsync<int>(Verb.Send, token, ICacheGrain.Tag, "prices");
        }

        Dictionary<string, Received[]> inboxes = [];
        foreach (var silo in cluster.Running)
        {
            inboxes[silo.Name] = await silo.AskAsync<Received[]>(Verb.Inbox, token);
        }

        screen.Table(
            ["silo", "tags", "says that it received"],
            cluster.Running.Select(silo => new[]
            {
                silo.Name,
                string.Join(", ", silo.Settings.Tags),
                string.Join(", ", inboxes[silo.Name].Select(message => $"'{message.Text}' from {message.From}")),
            }));
        Expect(inboxes, "prices", "beta", "gamma");
        Expect(inboxes, "menu", "alpha");
        ClaimException.Unless((prices, menu) == (2, 1), $"the senders should have been told of 2 and 1 that handled the message, and were told of {prices} and {menu}");
        return "Exactly those with the tag have the message, once each, and the senders were told so.";
    }

    /// <summary>Waits until each silo sees as many active silos as there are.</summary>
    public static async Task WhenAllActiveAsync(StepContext context)
    {
        foreach (var silo in context.Cluster.Running)
        {
            await silo.WhenAsync<Status>("three active silos", Pace.StartPatience, Verb.Status, status => status.Active == Cluster.Names.Length, context.Token);
        }
    }

    /// <summary>Shows the table of Orleans as each silo has it.</summary>
    public static async Task ShowAsync(StepContext context)
    {
        var (cluster, screen, _, token) = context;
        List<(SiloProcess Silo, Status Status)> all = [];
        foreach (var silo in cluster.Running)
        {
            all.Add((silo, await silo.AskAsync<Status>(Verb.Status, token)));
        }

        var rows = all.SelectMany(static item => item.Status.View).Select(static peer => (peer.Name, peer.Address)).Distinct()
            .OrderBy(static row => row.Name, StringComparer.Ordinal).ThenBy(static row => row.Address, StringComparer.Ordinal);
        screen.Table(
            ["silo", "address and generation", .. all.Select(static item => $"as {item.Silo.Name} sees it")],
            rows.Select(row => (string[])
            [
                row.Name, row.Address, .. all.Select(item => item.Status.View.FirstOrDefault(peer => peer.Address == row.Address)?.Status.ToString() ?? "-"),
            ]));
    }

    private static async Task<string> CallAsync(StepContext context, int count)
    {
        var (cluster, screen, broken, token) = context;
        var before = cluster.Client.Again;
        var clock = Stopwatch.StartNew();
        string[] names = [.. Enumerable.Range(0, count).Select(number => $"grain {number}")];
        var greetings = await Task.WhenAll(names.Select(name =>
            cluster.Client.CallAsync(grains => grains.GetGrain<IGreeterGrain>(name).GreetAsync(broken ? "nobody" : "client"), token)));
        var time = clock.Elapsed;
        foreach (var (name, greeting) in names.Zip(greetings))
        {
            ClaimException.Unless(greeting.Text == $"Hello client, this is {name}.", $"'{greeting.Text}' is not the greeting of {name}");
        }

        screen.Table(
            ["silo", "process", "grains that answered there"],
            cluster.Running.Select(silo => new[] { silo.Name, $"{silo.ProcessId}", $"{greetings.Count(greeting => greeting.ProcessId == silo.ProcessId)}" }));
        ClaimException.Unless(
            cluster.Running.All(silo => greetings.Any(greeting => greeting.ProcessId == silo.ProcessId)), "each silo should have some of the grains");
        ClaimException.Unless(
            greetings.All(greeting => cluster.Running.Any(silo => silo.ProcessId == greeting.ProcessId)), "a grain answered from a process that is none of the silos");
        return $"The client called {count} grains at once, and had all answers after {Screen.Milliseconds(time)}; {cluster.Client.Again - before} calls were made again.";
    }

    private static async Task<TimeSpan> TimeAsync(Task task, Stopwatch clock)
    {
        await task;
        return clock.Elapsed;
    }

    private static void Expect(Dictionary<string, Received[]> inboxes, string text, params string[] names)
    {
        var have = inboxes.Where(inbox => inbox.Value.Count(message => message.Text == text) == 1).Select(inbox => inbox.Key);
        ClaimException.Unless(have.Order().SequenceEqual(names), $"'{text}' should have reached {string.Join(" and ", names)} once each, and nobody else");
    }
}

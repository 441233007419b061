using Orleans.Bench.Silos;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Silos as processes, of which some are killed. They bring up whole clusters, so nothing else runs beside them.</summary>
[Collection(SamplesAlone.Name)]
public sealed class SiloProcessTests
{
    private const int Seats = 3;

    /// <summary>One more than have seats.</summary>
    private const int Silos = Seats + 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orleans_own_probes_tell_all_of_a_silo_that_was_killed()
    {
        await using var cluster = await ProcessCluster.StartAsync(Silos);
        var victim = await FindAsync(cluster, Role.InCharge);

        var time = await cluster.KillAsync(victim);

        TestContext.Current.SendDiagnosticMessage($"{Role.InCharge} killed: all views say Dead after {time.TotalSeconds:0.0} s, by Orleans' own probes");
        cluster.StartAgain(victim);
        await cluster.AwaitAsync(static report => report.Active == Silos);
    }

    [Fact]
    public async Task The_gossip_tells_Orleans_whichever_silo_is_killed_where_the_option_says_so()
    {
        await using var cluster = await ProcessCluster.StartAsync(Silos, configure: static settings => settings with { ReportDeaths = true, MissedProbes = int.MaxValue });
        foreach (var role in Enum.GetValues<Role>())
        {
            var victim = await FindAsync(cluster, role);

            var time = await cluster.KillAsync(victim); // by its own probes Orleans would never know

            TestContext.Current.SendDiagnosticMessage($"{role} killed: all views say Dead after {time.TotalSeconds:0.00} s, by the gossip");
            cluster.StartAgain(victim);
            await cluster.AwaitAsync(static report => report is { Active: Silos, Acceptors: Seats, Diagnosis: "" });
        }
    }

    [Fact]
    public async Task Without_one_of_three_all_goes_on_and_without_two_nothing_changes_until_one_is_back()
    {
        await using var cluster = await ProcessCluster.StartAsync(3, isDurable: true);
        var (last, second, first) = (cluster.Silos[0], cluster.Silos[1], cluster.Silos[2]);
        await cluster.KillAsync(first);
        Assert.True(await last.AskAsync<bool>(Verb.Write, Token));
        var version = await second.AskAsync<int>(Verb.Read, Token);
        var dead = (await second.ReportAsync(Token)).Silo;

        await second.KillAsync();
        foreach (var verb in new[] { Verb.Read, Verb.Write })
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => last.AskAsync<int>(verb, Token));
            Assert.Contains("2 of 3 acceptors have to answer", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"{second.Settings.Address}", refused.Message, StringComparison.Ordinal);
        }

        var report = await last.ReportAsync(Token);
        Assert.Equal("Active", report.View[dead]); // what nobody could write nobody believes
        Assert.Equal(report.Silo, await CallHereAsync(last, report.Silo));

        cluster.StartAgain(second);
        await cluster.AwaitAsync(report => report.Active == 2 && report.View[dead] == "Dead");
        Assert.True(await last.AskAsync<bool>(Verb.Write, Token));
        Assert.True(await last.AskAsync<int>(Verb.Read, Token) > version);
    }

    [Fact]
    public async Task All_are_killed_and_start_again_with_the_table_that_they_had()
    {
        await using var cluster = await ProcessCluster.StartAsync(3, isDurable: true);
        Assert.True(await cluster.Silos[0].AskAsync<bool>(Verb.Write, Token));
        var version = await cluster.Silos[1].AskAsync<int>(Verb.Read, Token);
        var before = (await Task.WhenAll(cluster.Silos.Select(static silo => silo.ReportAsync(Token)))).Select(static report => report.Silo).ToArray();

        await Task.WhenAll(cluster.Silos.Select(static silo => silo.KillAsync()));
        foreach (var silo in cluster.Silos.ToArray())
        {
            cluster.StartAgain(silo);
        }

        await cluster.AwaitAsync(report => report.Active == 3 && before.All(silo => report.View[silo] == "Dead"));
        Assert.True(await cluster.Silos[0].AskAsync<int>(Verb.Read, Token) > version);
    }

    [Fact]
    public async Task Ten_processes_start_at_once()
    {
        const int Many = 10;
        await using var cluster = await ProcessCluster.StartAsync(Many);
        var seats = await Task.WhenAll(cluster.Silos.Select(static silo => silo.ReportAsync(Token)));
        Assert.Equal(5, seats.Count(static report => report.HasSeat));
    }

    private static async Task<SiloProcess> FindAsync(ProcessCluster cluster, Role role)
    {
        if (role == Role.FirstSeed)
        {
            return cluster.Silos[0];
        }

        while (true)
        {
            foreach (var silo in cluster.Silos)
            {
                await silo.AskAsync<int>(Verb.Read, Token); // whoever serves it is in charge
                var report = await silo.ReportAsync(Token);
                if (role == (report.IsInCharge ? Role.InCharge : report.HasSeat ? Role.WithSeat : Role.WithoutSeat))
                {
                    return silo;
                }
            }
        }
    }

    /// <summary>Calls grains until one was placed on this silo: those that go to a silo which is dead and not yet known to be so fail.</summary>
    private static async Task<string> CallHereAsync(SiloProcess silo, string address)
    {
        var failed = 0;
        for (var key = 0; ; key++)
        {
            try
            {
                if (await silo.AskAsync<string>(Verb.Call, Token, $"{key}") == address)
                {
                    TestContext.Current.SendDiagnosticMessage($"{failed} calls failed, to a silo that was dead and not yet known to be");
                    return address;
                }
            }
            catch (InvalidOperationException) when (!silo.HasEnded)
            {
                failed++;
            }
        }
    }

    private enum Role
    {
        InCharge,
        WithSeat,
        WithoutSeat,
        FirstSeed,
    }
}

using Orleans.Configuration;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Silos come and go while grains are called.</summary>
public sealed class ChurnTests
{
    private const int Grains = 200;
    private const int Callers = 4;

    /// <summary>What a caller waits before it tries again, as anybody would whom a server told that it is going.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many answers each caller has had before the next silo stops, as whoever rolls out anew looks whether the last step went well: one may be of long ago, one of a call that
    /// was under way, and one is of a call that began afterwards.
    /// </summary>
    private const int Rounds = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Five_silos_start_again_one_after_the_other_and_no_call_fails_twice(bool distributedDirectory)
    {
        await using var cluster = await SiloCluster.StartAsync(5, silo => Directory(silo, distributedDirectory), configureClient: static client => client.Configure<ClientMessagingOptions>(static options => options.ResponseTimeout = TimeSpan.FromSeconds(5)));
        await cluster.AwaitActiveAsync(5);
        await cluster.CallAsync(0, Grains);
        using var stop = new CancellationTokenSource();
        var (calls, again, failed) = (0, 0, 0);
        var answered = Enumerable.Range(0, Callers).Select(static _ => new SemaphoreSlim(0, 1)).ToArray();
        var calling = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var key = caller; !stop.IsCancellationRequested; key = (key + Callers) % Grains)
            {
                Interlocked.Increment(ref calls);
                if (!await TryAsync(cluster, key))
                {
                    Interlocked.Increment(ref again);
                    await Task.Delay(Pause);
                    Interlocked.Add(ref failed, await TryAsync(cluster, key) ? 0 : 1);
                }

                if (answered[caller].CurrentCount == 0)
                {
                    answered[caller].Release();
                }
            }
        })).ToArray();

        foreach (var silo in cluster.Test.Silos.ToArray())
        {
            await cluster.Test.RestartSiloAsync(silo);
            await cluster.AwaitActiveAsync(5);
            foreach (var caller in Enumerable.Repeat(answered, Rounds).SelectMany(static callers => callers))
            {
                await caller.WaitAsync(TestContext.Current.CancellationToken);
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(calling);
        TestContext.Current.SendDiagnosticMessage($"{calls} calls, {again} were made again, {failed} failed");
        Assert.True(calls > 100, $"only {calls} calls");
        Assert.Equal(0, failed);
    }

    private static async Task<bool> TryAsync(SiloCluster cluster, int key)
    {
        try
        {
            return await cluster.Client.GetGrain<IEchoGrain>(key).EchoAsync(key) == key;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    private static void Directory(ISiloBuilder silo, bool distributed)
    {
        if (distributed)
        {
#pragma warning disable ORLEANSEXP003 // It is an experiment of Orleans, and needs of a table more than the older one does.
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        }
    }
}

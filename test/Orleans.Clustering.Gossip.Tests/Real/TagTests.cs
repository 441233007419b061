using Gossip;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Tags of silos: seen by grains, used for placement, and for messages between silos.</summary>
public sealed class TagTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grains_that_require_a_tag_are_only_placed_where_it_is()
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        await cluster.AwaitActiveAsync(3);
        var error = await Assert.ThrowsAnyAsync<OrleansException>(() => cluster.Client.GetGrain<IGpuGrain>(0).WhereAsync());
        Assert.Contains("compatible", error.Message, StringComparison.OrdinalIgnoreCase);

        var chosen = cluster.Test.Silos[1];
        await cluster.Service<GossipNode>(chosen).UpdateAsync(static node => node.AddTag("gpu"), Token);
        await AwaitAsync(() => cluster.Test.Silos.All(silo => cluster.Service<GossipSilos>(silo).TagsOf(chosen.SiloAddress).Contains("gpu")));
        for (var key = 0; key < 20; key++)
        {
            Assert.Equal(chosen.SiloAddress.ToParsableString(), await cluster.Client.GetGrain<IGpuGrain>(key).WhereAsync());
        }
    }

    [Fact]
    public async Task A_grain_sends_to_all_silos_with_a_tag()
    {
        var heard = new List<string>();
        await using var cluster = await SiloCluster.StartAsync(3, configure: options =>
        {
            options.MessageTypes.Register<Refresh>(200);
            options.Tags.Add("cache");
        });
        await cluster.AwaitActiveAsync(3);
        foreach (var silo in cluster.Test.Silos)
        {
            cluster.Service<GossipMessaging>(silo).Handle<Refresh>((message, _, _) =>
            {
                lock (heard)
                {
                    heard.Add($"{silo.SiloAddress.ToParsableString()} {message.What}");
                }

                return ValueTask.CompletedTask;
            });
        }

        var others = cluster.Test.Silos.Select(silo => $"{silo.SiloAddress.ToParsableString()} prices").ToHashSet(StringComparer.Ordinal);
        var sender = await cluster.Client.GetGrain<ISenderGrain>(0).SendAsync("cache", "prices");
        others.Remove($"{sender} prices");
        await AwaitAsync(() =>
        {
            lock (heard)
            {
                return heard.Count >= others.Count;
            }
        });
        Assert.Equal(others.Order(StringComparer.Ordinal), heard.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tags_show_in_Orleans_own_metadata()
    {
        await using var cluster = await SiloCluster.StartAsync(2, static silo => silo.UseGossipTagsAsSiloMetadata("ssd"));
        await cluster.AwaitActiveAsync(2);
        var (first, second) = (cluster.Test.Silos[0], cluster.Test.Silos[1]);
        await AwaitAsync(() => cluster.Service<ISiloMetadataCache>(first).GetSiloMetadata(second.SiloAddress).Metadata.TryGetValue("tag:ssd", out var value) && value == "true");
        Assert.Contains("ssd", cluster.Service<GossipSilos>(first).TagsOf(second.SiloAddress));
        Assert.Contains(second.SiloAddress, cluster.Service<GossipSilos>(first).WithTag("ssd"));
    }

    private static async Task AwaitAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
        }
    }
}

internal sealed record Refresh(string What);

public interface IGpuGrain : IGrainWithIntegerKey
{
    Task<string> WhereAsync();
}

[RequireTag("gpu")]
public sealed class GpuGrain(ILocalSiloDetails silo) : Grain, IGpuGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}

public interface ISenderGrain : IGrainWithIntegerKey
{
    Task<string> SendAsync(string tag, string what);
}

public sealed class SenderGrain(GossipMessaging messages, ILocalSiloDetails silo) : Grain, ISenderGrain
{
    public async Task<string> SendAsync(string tag, string what)
    {
        await messages.SendAsync(Target.Tag(tag), new Refresh(what));
        return silo.SiloAddress.ToParsableString();
    }
}

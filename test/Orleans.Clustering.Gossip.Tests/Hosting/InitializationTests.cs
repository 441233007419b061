using Gossip;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>The first call of a silo: it waits for the table, and says for what when it is in vain.</summary>
public sealed class InitializationTests
{
    [Fact]
    public async Task In_vain_it_says_which_seeds_were_tried()
    {
        await using var handle = ProviderHandle.Silo("alone", static options =>
        {
            options.BindAddress = "127.0.0.1:0";
            options.Seeds.Add("127.0.0.1:1");
            options.Seeds.Add("127.0.0.1:2");
            options.InitializationTimeout = TimeSpan.FromSeconds(3);
        });

        var error = await Assert.ThrowsAsync<GossipClusteringException>(() => handle.Table.InitializeMembershipTable(true));

        Assert.Contains("127.0.0.1:1, 127.0.0.1:2", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 other members were found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_caller_may_give_up()
    {
        await using var handle = ProviderHandle.Silo("alone", static options =>
        {
            options.BindAddress = "127.0.0.1:0";
            options.Seeds.Add("127.0.0.1:1");
        });
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handle.Table.InitializeMembershipTableAsync(true, cancel.Token));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_at_once_and_free_ones_stay_free()
    {
        await using var first = await GossipNode.StartAsync(new GossipOptions { BindAddress = "127.0.0.1:0" }, cancellationToken: TestContext.Current.CancellationToken);
        var address = $"{first.View.Local.Address}";
        await using (var handle = ProviderHandle.Silo("alone", options => options.BindAddress = address))
        {
            var error = await Assert.ThrowsAsync<GossipBindException>(() => handle.Table.InitializeMembershipTable(true));
            Assert.Contains(address, error.Message, StringComparison.Ordinal);
        }

        await first.StopAsync(TestContext.Current.CancellationToken);
        await using var second = await GossipNode.StartAsync(new GossipOptions { BindAddress = address }, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_container_that_disposes_without_await_frees_the_port()
    {
        var handle = ProviderHandle.Silo("alone", static options => options.BindAddress = "127.0.0.1:0");
        await handle.Table.InitializeMembershipTable(true);
        var address = handle.Address;
        handle.Dispose();
        await using var second = await GossipNode.StartAsync(new GossipOptions { BindAddress = address }, cancellationToken: TestContext.Current.CancellationToken);
    }
}

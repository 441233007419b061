using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <content>The cases of the older suite.</content>
public abstract partial class MembershipTableContract
{
    [Fact]
    public async Task ReadAll_EmptyTable()
    {
        await using var cluster = await StartAsync();
        var table = await cluster[0].ReadAll();

        Assert.Empty(table.Members);
        Assert.Equal(0, table.Version.Version);
        Assert.NotNull(table.Version.VersionEtag);
    }

    [Fact]
    public async Task ReadRow_Insert_Read()
    {
        await using var cluster = await StartAsync();
        var table = cluster[0];
        var empty = (await table.ReadAll()).Version;
        var entry = Entries.New();
        Assert.True(await table.InsertRow(entry, empty.Next()));
        await LosesAsync(table, () => table.InsertRow(entry, empty.Next()));
        await LosesAsync(table, () => table.InsertRow(Entries.New(), empty.Next()));
        await LosesAsync(table, async () => await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));

        var read = await table.ReadRow(entry.SiloAddress);

        Assert.Equal(Entries.Describe(entry), Entries.Describe(Assert.Single(read.Members).Item1));
        Assert.NotNull(read.Members[0].Item2);
        Assert.Equal(1, read.Version.Version);
        Assert.NotEqual(empty.VersionEtag, read.Version.VersionEtag);
        Assert.Empty((await table.ReadRow(Entries.New().SiloAddress)).Members);
    }

    [Fact]
    public async Task ReadAll_Insert_ReadAll()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var table = await cluster[1].ReadAll();
        Assert.Equal(Entries.Describe(entry), Entries.Describe(Assert.Single(table.Members).Item1));
        Assert.Equal(1, table.Version.Version);
    }

    [Fact]
    public async Task UpdateRow()
    {
        await using var cluster = await StartAsync();
        var table = cluster[0];
        for (var round = 1; round < 10; round++)
        {
            var entry = Entries.New();
            entry.SuspectTimes = [Entries.Vote(1, 1), Entries.Vote(2, 2)];
            await InsertAsync(table, entry);
            var stale = await table.ReadAll();
            var etag = stale.TryGet(entry.SiloAddress)!.Item2;
            entry.Status = SiloStatus.Active;
            await LosesAsync(table, () => table.UpdateRow(entry, etag, stale.Version));
            Assert.True(await table.UpdateRow(entry, etag, stale.Version.Next()));
            await LosesAsync(table, () => table.UpdateRow(entry, etag, stale.Version.Next()));
            var now = await table.ReadAll();
            await LosesAsync(table, () => table.UpdateRow(entry, now.TryGet(entry.SiloAddress)!.Item2, stale.Version.Next()));
            Assert.Equal(round, now.Members.Count);
            Assert.Equal(Entries.Describe(entry), Entries.Describe(now.TryGet(entry.SiloAddress)!.Item1));
        }
    }

    [Fact]
    public async Task UpdateRowInParallel()
    {
        const int Workers = 20;
        await using var cluster = await StartAsync();
        var entry = Entries.New();
        var start = (await cluster[0].ReadAll()).Version.Next();
        var inserted = await Task.WhenAll(Enumerable.Range(0, Workers).Select(i => Task.Run(() => cluster[i].InsertRow(entry, start))));
        Assert.Single(inserted, won => won);

        await Task.WhenAll(Enumerable.Range(1, Workers - 1).Select(i => Task.Run(() => UpdateAsync(cluster[i], entry.SiloAddress, static row => row.ProxyPort++))));

        var table = await cluster[0].ReadAll();
        Assert.Equal(Workers, table.Version.Version);
        Assert.Equal(entry.ProxyPort + Workers - 1, Assert.Single(table.Members).Item1.ProxyPort);
    }

    [Fact]
    public async Task UpdateIAmAlive()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var before = await cluster[0].ReadAll();
        var time = Entries.Noon.AddMinutes(5).AddTicks(7);

        await cluster[0].UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = time });

        var after = await cluster[0].ReadAll();
        Assert.Equal(time, after.Members[0].Item1.IAmAliveTime);
        Assert.Equal(DateTimeKind.Utc, after.Members[0].Item1.IAmAliveTime.Kind);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Members[0].Item2, after.Members[0].Item2);
        Assert.Equal(Entries.Canonical(entry), Entries.Canonical(after.Members[0].Item1));
        while ((await cluster[1].ReadAll()).Members[0].Item1.IAmAliveTime != time)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Token); // it comes by gossip; the test's own time-out is the bound
        }
    }

    [Fact]
    public async Task CleanupDefunctSiloEntries()
    {
        await using var cluster = await StartAsync();
        var table = cluster[0];
        var old = Entries.Noon.AddDays(-10);
        foreach (var status in new[] { SiloStatus.Created, SiloStatus.Joining, SiloStatus.Active, SiloStatus.ShuttingDown, SiloStatus.Stopping, SiloStatus.Dead })
        {
            var entry = Entries.New(status);
            (entry.StartTime, entry.IAmAliveTime) = (old, old);
            await InsertAsync(table, entry);
        }

        var recent = await InsertAsync(table, Entries.New(SiloStatus.Dead));
        var before = await table.ReadAll();

        await table.CleanupDefunctSiloEntries(new DateTimeOffset(Entries.Noon.AddDays(-7)));

        var after = await table.ReadAll();
        Assert.Equal(6, after.Members.Count); // the dead one of ten days ago went, and nobody who may live
        Assert.NotNull(after.TryGet(recent.SiloAddress));
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        await table.CleanupDefunctSiloEntries(new DateTimeOffset(Entries.Noon.AddDays(-7)));
        Assert.Equal(after.Version, (await table.ReadAll()).Version);
    }

    [Fact]
    public async Task GetGateways()
    {
        await using var cluster = await StartAsync();
        await using var client = cluster.NewClient();
        await client.Gateways.InitializeGatewayListProvider();
        var entries = Enumerable.Range(0, 10).Select(_ => Entries.New()).ToArray();
        foreach (var index in new[] { 3, 5, 9 })
        {
            entries[index].Status = SiloStatus.Active;
        }

        entries[3].ProxyPort = 0;
        foreach (var entry in entries)
        {
            await InsertAsync(cluster[0], entry);
        }

        var gateways = await client.Gateways.GetGateways();

        Assert.Equal(
            new[] { 5, 9 }.Select(index => $"gwy.tcp://127.0.0.1:30000/{entries[index].SiloAddress.Generation}"),
            gateways.Select(static uri => uri.ToString()));
    }
}

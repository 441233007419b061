using Gossip;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <content>The numbered guarantees of the newer suite.</content>
public abstract partial class MembershipTableContract
{
    [Fact]
    public async Task G01_An_insert_commits_exactly_one_version()
    {
        await using var cluster = await StartAsync();
        var before = (await cluster[0].ReadAll()).Version;
        Assert.True(await cluster[0].InsertRow(Entries.New(), before.Next()));
        Assert.Equal(before.Version + 1, (await cluster[1].ReadAll()).Version.Version);
    }

    [Fact]
    public async Task G02_An_update_with_current_tokens_commits_exactly_one_version()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        foreach (var votes in new List<Tuple<SiloAddress, DateTime>>?[] { [Entries.Vote(8, 1), Entries.Vote(7, 0), Entries.Vote(8, 1)], [], null })
        {
            var before = await cluster[0].ReadAll();
            entry.SuspectTimes = votes;
            Assert.True(await cluster[0].UpdateRow(entry, before.Members[0].Item2, before.Version.Next()));
            var after = await cluster[1].ReadAll();
            Assert.Equal(before.Version.Version + 1, after.Version.Version);
            Assert.NotEqual(before.Members[0].Item2, after.Members[0].Item2);
            Assert.Equal(Entries.Describe(entry), Entries.Describe(after.Members[0].Item1));
        }
    }

    [Fact]
    public async Task G03_Reads_of_one_version_show_the_same_fields()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var first = await cluster[0].ReadAll();
        await cluster[0].UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Entries.Noon.AddDays(1) });
        for (var i = 0; i < 10; i++)
        {
            var again = await cluster[i].ReadAll();
            Assert.Equal(first.Version, again.Version);
            Assert.Equal(Entries.Canonical(first.Members[0].Item1), Entries.Canonical(again.Members[0].Item1));
        }
    }

    [Fact]
    public async Task G04_Who_reads_seldom_skips_versions_and_never_goes_back()
    {
        await using var cluster = await StartAsync();
        var last = 0;
        for (var i = 1; i <= 5; i++)
        {
            await InsertAsync(cluster[0]);
            await InsertAsync(cluster[1]);
            var version = (await cluster[2].ReadAll()).Version.Version;
            Assert.Equal(2 * i, version);
            Assert.True(version > last);
            last = version;
        }
    }

    [Fact]
    public async Task G05_Dead_stays_dead_and_a_successor_is_another_row()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0], Entries.New(SiloStatus.Dead));
        var read = await cluster[1].ReadAll();
        var alive = read.Members[0].Item1;
        alive.Status = SiloStatus.Active;

        await Assert.ThrowsAsync<TableRowTerminalException>(() => cluster[1].UpdateRow(alive, read.Members[0].Item2, read.Version.Next()));
        await cluster[0].UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Entries.Noon.AddDays(-30) });
        Assert.Equal(Entries.Describe(read.Version.Version == 1 ? entry : alive), Entries.Describe((await cluster[0].ReadAll()).Members[0].Item1));

        await cluster[0].CleanupDefunctSiloEntries(new DateTimeOffset(Entries.Noon.AddDays(1)));
        await LosesAsync(cluster[0], () => cluster[1].UpdateRow(alive, read.Members[0].Item2, read.Version.Next()));
        await LosesAsync(cluster[0], () => cluster[1].InsertRow(alive, read.Version.Next()));
        var successor = await InsertAsync(cluster[1], Entries.New(SiloStatus.Joining));
        Assert.Equal(successor.SiloAddress, Assert.Single((await cluster[0].ReadAll()).Members).Item1.SiloAddress);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task G06_G07_G08_A_heartbeat_changes_no_token_so_what_was_read_before_still_commits(bool isVote)
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var read = await cluster[0].ReadAll();
        await cluster[1].UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Entries.Noon.AddMinutes(1) });

        if (isVote)
        {
            entry.SuspectTimes = [Entries.Vote(9, 9)];
        }
        else
        {
            entry.Status = SiloStatus.Active;
        }

        Assert.True(await cluster[0].UpdateRow(entry, read.Members[0].Item2, read.Version.Next()));
        var after = await cluster[1].ReadAll();
        Assert.Equal(Entries.Noon.AddMinutes(1), after.Members[0].Item1.IAmAliveTime); // the update had an older time, and the later one stays
        Assert.Equal(Entries.Canonical(entry), Entries.Canonical(after.Members[0].Item1));
    }

    [Fact]
    public async Task G09_Independent_handles_see_commits_at_once()
    {
        await using var cluster = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            var entry = await InsertAsync(cluster[i]);
            Assert.NotNull((await cluster[i + 1].ReadAll()).TryGet(entry.SiloAddress));
            Assert.Single((await cluster[i + 2].ReadRow(entry.SiloAddress)).Members);
        }
    }

    [Fact]
    public async Task G10_An_insert_at_a_stale_version_loses()
    {
        await using var cluster = await StartAsync();
        var stale = (await cluster[1].ReadAll()).Version;
        await InsertAsync(cluster[0]);
        await LosesAsync(cluster[1], () => cluster[1].InsertRow(Entries.New(), stale.Next()));
    }

    [Fact]
    public async Task G11_An_update_at_a_stale_version_loses_although_its_row_is_current()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var stale = await cluster[1].ReadAll();
        await InsertAsync(cluster[0]);
        await LosesAsync(cluster[1], () => cluster[1].UpdateRow(entry, stale.Members[0].Item2, stale.Version.Next()));
    }

    [Fact]
    public async Task G12_An_update_after_another_one_of_the_same_row_loses()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var stale = await cluster[1].ReadAll();
        await UpdateAsync(cluster[0], entry.SiloAddress, static row => row.Status = SiloStatus.Active);
        await LosesAsync(cluster[1], () => cluster[1].UpdateRow(entry, stale.Members[0].Item2, stale.Version.Next()));
        var current = (await cluster[1].ReadAll()).Version;
        await LosesAsync(cluster[1], () => cluster[1].UpdateRow(entry, stale.Members[0].Item2, current.Next()));
    }

    [Fact]
    public async Task G13_A_second_insert_of_a_row_loses()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var version = (await cluster[1].ReadAll()).Version;
        await LosesAsync(cluster[1], () => cluster[1].InsertRow(entry, version.Next()));
    }

    [Fact]
    public async Task G14_An_update_of_a_row_that_is_not_there_loses()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0], Entries.New(SiloStatus.Dead));
        var read = await cluster[0].ReadAll();
        await LosesAsync(cluster[0], () => cluster[0].UpdateRow(Entries.New(SiloStatus.Dead), read.Members[0].Item2, read.Version.Next()));
        await cluster[0].CleanupDefunctSiloEntries(new DateTimeOffset(Entries.Noon.AddDays(1)));
        var after = await cluster[0].ReadAll();
        Assert.Empty(after.Members);
        await LosesAsync(cluster[0], () => cluster[0].UpdateRow(entry, read.Members[0].Item2, after.Version.Next()));
    }

    [Fact]
    public async Task G15_ReadRow_and_ReadAll_agree()
    {
        await using var cluster = await StartAsync();
        await InsertAsync(cluster[0]);
        var entry = await InsertAsync(cluster[0]);
        await InsertAsync(cluster[0]);
        var all = await cluster[1].ReadAll();
        var row = await cluster[2].ReadRow(entry.SiloAddress);
        Assert.Equal(all.Version, row.Version);
        Assert.Equal(Entries.Describe(all.TryGet(entry.SiloAddress)!.Item1), Entries.Describe(Assert.Single(row.Members).Item1));
        var older = SiloAddress.New(entry.SiloAddress.Endpoint, entry.SiloAddress.Generation + 1_000_000);
        Assert.Empty((await cluster[1].ReadRow(older)).Members);
    }

    [Fact]
    public async Task G16_What_was_read_never_changes()
    {
        await using var cluster = await StartAsync();
        var entry = await InsertAsync(cluster[0]);
        var kept = await cluster[0].ReadAll();
        var before = Entries.Describe(kept);
        await UpdateAsync(cluster[0], entry.SiloAddress, static row => row.Status = SiloStatus.Active);
        await cluster[0].UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Entries.Noon.AddDays(2) });
        await InsertAsync(cluster[0]);
        Assert.NotEqual(before, Entries.Describe(await cluster[0].ReadAll()));
        Assert.Equal(before, Entries.Describe(kept));
    }

    [Fact]
    public async Task G17_G18_What_was_handed_over_may_change_afterwards()
    {
        await using var cluster = await StartAsync();
        var entry = Entries.New();
        entry.SuspectTimes = [Entries.Vote(1, 1)];
        var before = Entries.Describe(entry);
        var insert = cluster[0].InsertRow(entry, (await cluster[0].ReadAll()).Version.Next());
        entry.Status = SiloStatus.Dead;
        entry.SuspectTimes.Add(Entries.Vote(2, 2));
        Assert.True(await insert);
        Assert.Equal(before, Entries.Describe((await cluster[1].ReadAll()).Members[0].Item1));
    }

    [Fact]
    public async Task G19_What_was_read_may_be_changed()
    {
        await using var cluster = await StartAsync();
        var entry = Entries.New();
        entry.SuspectTimes = [Entries.Vote(1, 1)];
        await InsertAsync(cluster[0], entry);
        foreach (var read in new[] { await cluster[0].ReadAll(), await cluster[0].ReadRow(entry.SiloAddress) })
        {
            read.Members[0].Item1.Status = SiloStatus.Dead;
            read.Members[0].Item1.SuspectTimes!.Clear();
        }

        Assert.Equal(Entries.Describe(entry), Entries.Describe((await cluster[0].ReadAll()).Members[0].Item1));
    }

    [Fact]
    public async Task G20_Of_concurrent_updates_of_different_rows_at_one_version_one_wins()
    {
        const int Rows = 10;
        await using var cluster = await StartAsync();
        var entries = new List<MembershipEntry>();
        for (var i = 0; i < Rows; i++)
        {
            entries.Add(await InsertAsync(cluster[0]));
        }

        var read = await cluster[0].ReadAll();
        var won = await Task.WhenAll(entries.Select((entry, i) =>
        {
            entry.Status = SiloStatus.Active;
            return Task.Run(() => cluster[i].UpdateRow(entry, read.TryGet(entry.SiloAddress)!.Item2, read.Version.Next()));
        }));

        Assert.Single(won, static one => one);
        var after = await cluster[0].ReadAll();
        Assert.Equal(read.Version.Version + 1, after.Version.Version);
        Assert.Single(after.Members, static member => member.Item1.Status == SiloStatus.Active);
    }

    [Fact]
    public async Task G21_G22_Reads_among_writes_show_only_what_was_committed_as_a_whole()
    {
        const int Rows = 128;
        await using var cluster = await StartAsync();
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i <= Rows; i++)
            {
                var entry = Entries.New();
                entry.ProxyPort = i; // the version that it makes
                await InsertAsync(cluster[0], entry);
            }
        }, Token);
        while (true)
        {
            var isLast = writing.IsCompleted;
            var table = await cluster[1].ReadAll();
            Assert.Equal(Enumerable.Range(1, table.Version.Version), table.Members.Select(static member => member.Item1.ProxyPort).Order());
            if (table.Members.Count > 0)
            {
                var row = await cluster[2].ReadRow(table.Members[0].Item1.SiloAddress);
                Assert.Equal(Entries.Describe(table.Members[0].Item1), Entries.Describe(Assert.Single(row.Members).Item1));
                Assert.True(row.Version.Version >= table.Version.Version);
            }

            if (isLast)
            {
                Assert.Equal(Rows, table.Members.Count);
                break;
            }
        }

        await writing;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task G23_To_initialize_again_keeps_what_is_there(bool tryInitTableVersion)
    {
        await using var cluster = await StartAsync();
        await InsertAsync(cluster[0]);
        var before = Entries.Describe(await cluster[0].ReadAll());
        await cluster[0].InitializeMembershipTable(tryInitTableVersion);
        await cluster[1].InitializeMembershipTableAsync(tryInitTableVersion, Token);
        Assert.Equal(before, Entries.Describe(await cluster[1].ReadAll()));
    }

    [Fact]
    public async Task G24_Clusters_are_apart_although_one_name_begins_with_the_other()
    {
        await using var cluster = await StartAsync();
        await using var other = await ProviderCluster.StartAsync(1, cluster.Name + "-2");
        await using var guest = await other.AddAsync(options =>
        {
            options.Seeds.Add(cluster.Handle(0).Address);
            options.Table!.Founding = TableFounding.Never;
        });
        await InsertAsync(cluster[0]);
        Assert.Empty((await guest.Table.ReadAll()).Members);
        Assert.Equal(2, other.Handle(0).Node.View.Present.Count());
    }

    [Fact]
    public async Task G25_Clean_up_keeps_the_boundary_and_whoever_may_live_and_any_number_may_do_it()
    {
        await using var cluster = await StartAsync();
        var boundary = await InsertAsync(cluster[0], Entries.New(SiloStatus.Dead));
        var voted = Entries.New(SiloStatus.Dead);
        (voted.StartTime, voted.IAmAliveTime) = (Entries.Noon.AddDays(-1), Entries.Noon.AddDays(-1));
        voted.SuspectTimes = [Entries.Vote(1, 0)];
        await InsertAsync(cluster[0], voted);
        var old = Entries.New(SiloStatus.Dead);
        (old.StartTime, old.IAmAliveTime) = (Entries.Noon.AddTicks(-1), Entries.Noon.AddDays(-9));
        await InsertAsync(cluster[0], old);
        var living = Entries.New(SiloStatus.Active);
        (living.StartTime, living.IAmAliveTime) = (Entries.Noon.AddDays(-9), Entries.Noon.AddDays(-9));
        await InsertAsync(cluster[0], living);
        var before = (await cluster[0].ReadAll()).Version.Version;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => cluster[i].CleanupDefunctSiloEntries(new DateTimeOffset(Entries.Noon)))));

        var after = await cluster[0].ReadAll();
        Assert.Equal(
            new[] { boundary, voted, living }.Select(static entry => entry.SiloAddress).Order(),
            after.Members.Select(static member => member.Item1.SiloAddress).Order());
        Assert.Equal(before + 1, after.Version.Version);
    }

    [Fact]
    public async Task G26_G27_Deleting_empties_the_own_cluster_only_and_the_version_goes_on()
    {
        await using var cluster = await StartAsync();
        await using var other = await ProviderCluster.StartAsync(1);
        await InsertAsync(cluster[0]);
        await InsertAsync(other[0]);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => cluster[0].DeleteMembershipTableEntries(other.Name));
        Assert.Contains(other.Name, error.Message, StringComparison.Ordinal);
        Assert.Single((await cluster[0].ReadAll()).Members);
        Assert.Single((await other[0].ReadAll()).Members);

        await cluster[0].DeleteMembershipTableEntries(cluster.Name);
        var after = await cluster[1].ReadAll();
        Assert.Empty(after.Members);
        Assert.Equal(2, after.Version.Version);
        Assert.Single((await other[0].ReadAll()).Members);
    }

    [Fact]
    public async Task Every_field_comes_back_as_it_was()
    {
        await using var cluster = await StartAsync();
        var entry = Entries.New();
        entry.SiloAddress = SiloAddress.New(System.Net.IPAddress.Parse("2001:db8::17"), 65_535, int.MaxValue);
        entry.HostName = "höst";
        entry.SiloName = "";
        entry.RoleName = null;
        (entry.UpdateZone, entry.FaultZone, entry.ProxyPort) = (int.MinValue, int.MaxValue, -1);
        entry.StartTime = new DateTime(DateTime.MaxValue.Ticks, DateTimeKind.Utc);
        entry.IAmAliveTime = new DateTime(1, DateTimeKind.Utc);
        entry.SuspectTimes = [.. Enumerable.Range(0, 40).Select(static i => Entries.Vote(i % 3, 40 - i))];
        await InsertAsync(cluster[0], entry);
        Assert.Equal(Entries.Describe(entry), Entries.Describe((await cluster[1].ReadAll()).Members[0].Item1));

        // Orleans takes all times as UTC, whatever they say of themselves.
        entry.StartTime = DateTime.SpecifyKind(Entries.Noon, DateTimeKind.Local);
        await UpdateAsync(cluster[0], entry.SiloAddress, row => row.StartTime = entry.StartTime);
        Assert.Equal((Entries.Noon.Ticks, DateTimeKind.Utc), Assert.Single((await cluster[0].ReadAll()).Members).Item1.StartTime is var time ? (time.Ticks, time.Kind) : default);
    }

    [Fact]
    public async Task Both_faces_of_the_interface_are_one_table_and_tokens_are_observed()
    {
        await using var cluster = await StartAsync();
        var table = cluster[0];
        var entry = Entries.New();
        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token));
        entry.Status = SiloStatus.Dead;
        var read = await table.ReadRowAsync(entry.SiloAddress, Token);
        Assert.True(await table.UpdateRowAsync(entry, read.Members[0].Item2, read.Version.Next(), Token));
        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = Entries.Noon.AddMinutes(1) }, Token);
        Assert.Equal((2, Entries.Noon.AddMinutes(1)), (read = await table.ReadAll()) is { } all ? (all.Version.Version, all.Members[0].Item1.IAmAliveTime) : default);
        await table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Entries.Noon.AddDays(1)), Token);
        Assert.Empty((await table.ReadAll()).Members);
        await table.DeleteMembershipTableEntriesAsync(cluster.Name, Token);

        var current = (await table.ReadAll()).Version;
        var given = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.ReadAllAsync(given));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.InsertRowAsync(Entries.New(), current.Next(), given));
    }
}

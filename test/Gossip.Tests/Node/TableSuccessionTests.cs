using System.Globalization;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Founding by number, and what becomes of the table after losses, with real nodes.</summary>
public sealed class TableSuccessionTests : IAsyncDisposable
{
    private const int Founders = 3;
    private const int Needed = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LocalCluster _cluster = new();
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "gossip-successor-" + Guid.NewGuid().ToString("N"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _cluster.Nodes.ToList())
        {
            await node.StopAsync(new CancellationToken(canceled: true));
        }

        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public async Task Two_of_three_that_find_each_other_found_one_table()
    {
        var first = await FounderAsync(0);
        await UntilAsync(async () => (await first.GetTableStatusAsync(Token)).Diagnosis.Contains("1 of 3 founders are here, 2 are needed", StringComparison.Ordinal));

        var second = await FounderAsync(1);
        await UntilAsync(async () => (await second.GetTableStatusAsync(Token)).IsFounded && (await first.GetTableStatusAsync(Token)).IsFounded);
        await WriteAsync(first, "first");
        var third = await FounderAsync(2);
        await WriteAsync(third, "third");

        var tables = await Task.WhenAll(new[] { first, second, third }.Select(LineageAsync));
        Assert.Single(tables.Distinct());
        Assert.Equal(["first", "third"], await KeysAsync(second));
    }

    [Fact]
    public async Task When_most_of_those_who_keep_nothing_on_disk_are_killed_and_come_back_a_successor_goes_on()
    {
        var (voters, reader) = await FoundAsync(isDurable: false);
        var version = await WriteAsync(reader, "before");
        var before = await LineageAsync(reader);
        var successions = reader.TableRecovery.NextSuccessionAsync(Token);

        await _cluster.KillAsync(voters[0]);
        await _cluster.KillAsync(voters[1]);
        await FounderAsync(0);
        await FounderAsync(1);

        var succession = await successions.WaitAsync(Patience, Token);
        Assert.Equal((before.Incarnation, before.Ordinal + 1), (succession.Table, succession.Ordinal));
        var after = await WriteAsync(reader, "after");
        Assert.True(after > version + TableState.SuccessorJump, $"{version}, then {after}");
        Assert.Equal(["after", "before"], await KeysAsync(reader));
        await UntilAsync(async () => (await Task.WhenAll(_cluster.Nodes.Select(LineageAsync))).Distinct().Count() == 1);
    }

    [Fact]
    public async Task When_most_of_those_with_disks_are_gone_an_operator_recovers_the_table_and_who_comes_back_follows_or_is_told_to_stop()
    {
        var (voters, reader) = await FoundAsync(isDurable: true);
        var version = await WriteAsync(reader, "before");
        await _cluster.KillAsync(voters[0]);
        await _cluster.KillAsync(voters[1]);
        await UntilAsync(async () => !(await voters[2].GetTableStatusAsync(Token)).HasQuorum);

        var refused = await Assert.ThrowsAsync<TableUnavailableException>(() => WriteAsync(reader, "refused"));
        Assert.Contains("GossipNode.TableRecovery", refused.Message, StringComparison.Ordinal);
        var stores = await voters[2].TableRecovery.SurveyAsync(Token);
        Assert.Equal(new[] { voters[2].Id, reader.Id }.Order(), stores.Select(store => store.Node).Order());
        Assert.True(stores[0].Version >= version, string.Join(' ', stores));

        var succession = await voters[2].TableRecovery.RecoverAsync(Token).WaitAsync(Patience, Token);
        Assert.Equal(1, succession.Ordinal);
        await UntilAsync(async () => (await LineageAsync(reader)).Incarnation == succession.Successor);
        var after = await WriteAsync(reader, "after");
        Assert.True(after > version + TableState.SuccessorJump, $"{version}, then {after}");
        Assert.Equal(["after", "before"], await KeysAsync(reader));
        await Assert.ThrowsAsync<TableRecoveryException>(() => reader.TableRecovery.RecoverAsync(Token));

        // One that missed a succession follows.
        var back = await FounderAsync(0, isDurable: true);
        await UntilAsync(async () => (await LineageAsync(back)).Incarnation == succession.Successor);
        Assert.Equal(["after", "before"], await KeysAsync(back));

        // One that missed two, and meets nobody who remembers the one between, cannot know that the second one is of its own.
        await _cluster.KillAsync(back);
        await _cluster.KillAsync(voters[2]);
        await UntilAsync(async () => !(await reader.GetTableStatusAsync(Token)).HasQuorum);
        Assert.Equal(2, (await reader.TableRecovery.RecoverAsync(Token).WaitAsync(Patience, Token)).Ordinal);
        await _cluster.KillAsync(reader);
        reader = await ReaderAsync(isDurable: true);
        var stranger = await FounderAsync(1, isDurable: true);
        await UntilAsync(async () => await SupersessionAsync(stranger) is not null);
        var superseded = await Assert.ThrowsAsync<TableSupersededException>(() => stranger.Table.ReadAllAsync(Token));
        Assert.Contains("remove its data directory", superseded.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TableSupersededException>(() => WriteAsync(stranger, "stranger"));
        Assert.Equal(["after", "before"], await KeysAsync(reader));
    }

    /// <summary>Three that found and have the seats, and one more that votes and founds nothing.</summary>
    private async Task<(GossipNode[] Voters, GossipNode Reader)> FoundAsync(bool isDurable)
    {
        var voters = new GossipNode[Founders];
        for (var i = 0; i < Founders; i++)
        {
            voters[i] = await FounderAsync(i, isDurable);
        }

        await UntilAsync(async () => (await Task.WhenAll(voters.Select(voter => voter.GetTableStatusAsync(Token)))).All(status => status is { HasSeat: true, Acceptors.Length: Founders }));
        var reader = await ReaderAsync(isDurable);
        await UntilAsync(async () => (await reader.GetTableStatusAsync(Token)).Acceptors.Length == Founders);
        return (voters, reader);
    }

    private Task<GossipNode> ReaderAsync(bool isDurable) => _cluster.AddAsync(options =>
    {
        options.NodeId = Id(Founders);
        options.Table = new TableOptions { Founding = TableFounding.Never, DataDirectory = DirectoryOf(Founders, isDurable), OperationTimeout = Timeout };
    });

    private Task<GossipNode> FounderAsync(int index, bool isDurable = false) => _cluster.AddAsync(options =>
    {
        options.NodeId = Id(index);
        foreach (var other in _cluster.Nodes)
        {
            options.Seeds.Add(LocalCluster.Address(other));
        }

        options.Table = new TableOptions
        {
            Founding = TableFounding.Expect,
            Expect = Needed,
            ExpectOf = Founders,
            DataDirectory = DirectoryOf(index, isDurable),
            OperationTimeout = Timeout,
        };
    });

    private string? DirectoryOf(int index, bool isDurable) => isDurable ? Path.Combine(_directory, Id(index)) : null;

    private string Id(int index) => NodeId.Derive(_cluster.Name, index.ToString(CultureInfo.InvariantCulture)).ToString();

    /// <summary>Adds a row, and returns the version with it.</summary>
    private static async Task<int> WriteAsync(GossipNode node, string key)
    {
        var before = await node.Table.ReadAllAsync(Token);
        Assert.True(await node.Table.InsertRowAsync(key, new byte[1], before.Version, cancellationToken: Token));
        return before.Version.Number + 1;
    }

    private static async Task<string[]> KeysAsync(GossipNode node) => [.. (await node.Table.ReadAllAsync(Token)).Rows.Select(row => row.Key).Order(StringComparer.Ordinal)];

    private static Task<Lineage> LineageAsync(GossipNode node) => node.Runtime.Table!.Agreement.AskAsync(static (engine, _) => engine.Lineage, Token);

    private static Task<string?> SupersessionAsync(GossipNode node) => node.Runtime.Table!.Agreement.AskAsync(static (engine, _) => engine.Supersession(), Token);

    private static Task UntilAsync(Func<Task<bool>> condition) => Awaiting.UntilAsync(condition);
}

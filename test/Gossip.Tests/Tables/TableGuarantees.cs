using System.Text;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>
/// What every table promises, on whatever it stands: the guarantees that Orleans' own suites try (named by the number that they have there), in terms of rows and versions. A derived class says what the cluster is.
/// </summary>
public abstract partial class TableGuarantees
{
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private const string Row = "10.0.0.1:12345@1";
    private const string OtherRow = "10.0.0.1:12345@2";
    private static int _values;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts a cluster that shares nothing with any other.</summary>
    private protected abstract Task<ITableCluster> StartAsync(string name, TableOptions options);

    private protected Task<ITableCluster> StartAsync() => StartAsync("orders", new TableOptions());

    private protected static async Task<ITableClient> HandleAsync(ITableCluster cluster, int index) =>
        new PatientTableClient(await cluster.HandleAsync(index), cluster);

    private protected static async Task<(ITableClient A, ITableClient B)> TwoHandlesAsync(ITableCluster cluster) =>
        (await HandleAsync(cluster, 0), await HandleAsync(cluster, 1));

    /// <summary>A value that no other write of these tests has.</summary>
    private static byte[] NewValue(string text = "Active") => Encoding.UTF8.GetBytes($"{text} {Interlocked.Increment(ref _values)}");

    /// <summary>Reads, and inserts at the version that was read.</summary>
    private static async Task InsertAsync(ITableClient client, string key, byte[]? value = null, bool isTerminal = false)
    {
        while (!await client.InsertRowAsync(key, value ?? NewValue(), (await client.ReadAllAsync(Token)).Version, isTerminal, Token))
        {
            Assert.Null((await client.ReadAllAsync(Token)).Find(key));
        }
    }

    /// <summary>Reads, and updates what was read, until nobody else is faster.</summary>
    private static async Task UpdateAsync(ITableClient client, string key, byte[]? value = null, bool isTerminal = false)
    {
        while (true)
        {
            var table = await client.ReadRowAsync(key, Token);
            var row = Assert.Single(table.Rows);
            if (await client.UpdateRowAsync(key, value ?? NewValue(), row.Etag, table.Version, isTerminal, Token))
            {
                return;
            }
        }
    }

    /// <summary>The table with everything that writes decide, for comparisons.</summary>
    private static string Describe(TableSnapshot table) => string.Join('\n', table.Rows
        .Select(row => $"{row.Key} {row.Etag} {row.IsTerminal} {Encoding.UTF8.GetString(row.Value.Span)}")
        .Prepend($"{table.Version.Number} {table.Version.Etag}"));

    /// <summary>A call that loses, and leaves everything as it was.</summary>
    private static async Task LosesAsync(ITableClient client, Func<Task<bool>> call)
    {
        var before = Describe(await client.ReadAllAsync(Token));
        Assert.False(await call());
        Assert.Equal(before, Describe(await client.ReadAllAsync(Token)));
    }
}

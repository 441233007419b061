namespace Gossip;

/// <summary>
/// The cluster's membership table, as any node sees it, whether it has a say in it or not. The table is rows under one version, kept by a majority of a few members without a database: every
/// write compares and swaps, all nodes see one and the same history, and what one node was told was done, each sees from then on. May be called from any thread.
/// </summary>
/// <remarks>
/// <para>
/// A write names the version that its caller read, and what it answers is exact: true when it was done, and then the version is one higher; false when somebody else was faster, and then read again
/// and decide anew. Anything else is an exception that says what it was. A row has at most 65 536 bytes, its key at most 512 bytes of UTF-8, and the table at most 3 MiB, with 16 bytes for each row:
/// some ten thousand rows of 250 bytes.
/// </para>
/// <para>
/// All methods throw <see cref="TableUnavailableException"/> when no majority answers within <see cref="TableOptions.OperationTimeout"/>: nothing is guessed, and no old rows are shown. Before
/// the cluster's table is founded they wait for that, for as long. A write that names a version of which the node knows already that it was passed is answered false at once. They throw <see cref="GossipStateException"/> when the node does not run.
/// </para>
/// <para>A key names one thing for good. Where a row is removed and its key inserted again, heartbeats of before may show on the new one.</para>
/// </remarks>
public interface ITableClient
{
    /// <summary>Reads the whole table, no older than the call. Between changes the same snapshot is handed out again.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>All rows at one version.</returns>
    /// <exception cref="TableUnavailableException">No majority answered in time.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<TableSnapshot> ReadAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads one row, no older than the call.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The row, or none, with the version of the table.</returns>
    /// <exception cref="TableUnavailableException">No majority answered in time.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<TableSnapshot> ReadRowAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Adds a row, if there is none with that key and the table is still at the version that the caller saw.</summary>
    /// <param name="key">The key: 1 to 512 bytes of UTF-8.</param>
    /// <param name="value">The row's bytes, at most 65 536; copied before the call returns.</param>
    /// <param name="version">The version that the caller saw.</param>
    /// <param name="isTerminal">Whether the row is terminal at once.</param>
    /// <param name="cancellationToken">Gives up waiting; the row may still be added.</param>
    /// <returns>True when it was added. False when somebody else was faster, or there is such a row; then nothing was changed.</returns>
    /// <exception cref="ArgumentException">The key is empty, or text that is not valid Unicode.</exception>
    /// <exception cref="TableLimitException">The key or the row is too large, or the table is full.</exception>
    /// <exception cref="TableUnavailableException">It was not decided in time; see <see cref="TableUnavailableException.MayHaveHappened"/>.</exception>
    /// <exception cref="TableOperationUnknownException">Other nodes run an older version of this library.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<bool> InsertRowAsync(
        string key, ReadOnlyMemory<byte> value, TableVersion version, bool isTerminal = false, CancellationToken cancellationToken = default);

    /// <summary>Replaces a row, if it is still the one that the caller saw and the table is still at the version that the caller saw.</summary>
    /// <param name="key">The key: 1 to 512 bytes of UTF-8.</param>
    /// <param name="value">The new bytes, at most 65 536; copied before the call returns.</param>
    /// <param name="rowEtag">The etag of the row that the caller saw.</param>
    /// <param name="version">The version that the caller saw.</param>
    /// <param name="isTerminal">Whether the row is terminal from now on; see <see cref="TableRow.IsTerminal"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the row may still be replaced.</param>
    /// <returns>True when it was replaced. False when somebody else was faster, or there is no such row; then nothing was changed.</returns>
    /// <exception cref="ArgumentException">The key is empty, or text that is not valid Unicode.</exception>
    /// <exception cref="TableLimitException">The key or the row is too large, or the table is full.</exception>
    /// <exception cref="TableRowTerminalException">The row is terminal, and would not be any more.</exception>
    /// <exception cref="TableUnavailableException">It was not decided in time; see <see cref="TableUnavailableException.MayHaveHappened"/>.</exception>
    /// <exception cref="TableOperationUnknownException">Other nodes run an older version of this library.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<bool> UpdateRowAsync(
        string key, ReadOnlyMemory<byte> value, string rowEtag, TableVersion version, bool isTerminal = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that whatever a row stands for was alive at a time. It goes by gossip, so it needs no majority, and changes neither etags nor versions: reads on this node show it at once in
    /// <see cref="TableRow.Heartbeat"/>, on others within seconds. The latest time wins; an earlier one changes nothing. Nothing comes of it where there is no such row.
    /// </summary>
    /// <param name="key">The key of the row: 1 to 512 bytes of UTF-8.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Gives up waiting; others may still hear of it.</param>
    /// <returns>A task that ends when others are being told.</returns>
    /// <exception cref="ArgumentException">The key is empty, or text that is not valid Unicode.</exception>
    /// <exception cref="TableLimitException">The key is too long, or this node tells of more than 256 rows. A node tells no more of rows that it found gone when it read.</exception>
    /// <exception cref="MetadataLimitException">The node's tags and metadata leave no room for it.</exception>
    /// <exception cref="NotSupportedException">The node is a client (<see cref="GossipOptions.Client"/>), which nobody hears.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task HeartbeatAsync(string key, DateTimeOffset time, CancellationToken cancellationToken = default);

    /// <summary>Removes the terminal rows that gave their last sign of life strictly before a time. Any number of nodes may do so at once.</summary>
    /// <param name="before">The time. Rows of exactly this time stay.</param>
    /// <param name="lastSign">
    /// When a row last gave a sign of life; null for one that must stay. It must depend on nothing but the row: it is asked again when a row changed meanwhile. Default: the row's
    /// heartbeat, so that rows without one stay.
    /// </param>
    /// <param name="scope">Which rows may go. Default: terminal ones.</param>
    /// <param name="cancellationToken">Gives up waiting; rows may still be removed.</param>
    /// <returns>
    /// True when rows were removed, and then the version is one higher, however many they were. False when there were none, and then nothing was changed. A row that changes while it is being judged
    /// stays until the next call.
    /// </returns>
    /// <exception cref="TableUnavailableException">It was not decided in time; see <see cref="TableUnavailableException.MayHaveHappened"/>.</exception>
    /// <exception cref="TableOperationUnknownException">Other nodes run an older version of this library.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<bool> CleanupDefunctAsync(
        DateTimeOffset before,
        Func<TableRow, DateTimeOffset?>? lastSign = null,
        TableCleanupScope scope = TableCleanupScope.Terminal,
        CancellationToken cancellationToken = default);

    /// <summary>Removes all rows. The version goes on: it is one higher, unless there were no rows.</summary>
    /// <param name="cancellationToken">Gives up waiting; it may still happen.</param>
    /// <returns>A task that ends when there are no rows.</returns>
    /// <exception cref="TableUnavailableException">It was not decided in time; see <see cref="TableUnavailableException.MayHaveHappened"/>.</exception>
    /// <exception cref="TableOperationUnknownException">Other nodes run an older version of this library.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task DeleteAllAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The numbers of versions as this node learns of them, by its own calls and by gossip: the latest that it knows, as soon as it knows any, and then each higher one, never a lower. A slow reader gets
    /// only the latest. Ends when the node stops. It says that there is something new to read; how new it is only a read tells.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The numbers, see <see cref="TableVersion.Number"/>.</returns>
    IAsyncEnumerable<int> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until it is this caller's turn, first come first served over the whole cluster, and at most <see cref="TableOptions.OperationTimeout"/>: then it goes on without one. So many who read and then write,
    /// as when all nodes start at once, do not lose to each other again and again. It is advice: writes without a turn are as good, and only versions decide.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Ends the turn when disposed. A turn is short, and ends by itself when it is not.</returns>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken = default);
}

/// <summary>Which rows a clean-up may remove.</summary>
public enum TableCleanupScope
{
    /// <summary>Terminal rows only: whoever may still come back keeps its row.</summary>
    Terminal = 0,

    /// <summary>
    /// All rows that the caller's rule gives a time to, terminal or not: the rule of older versions of Orleans, where whatever is not active may go. It can remove a row whose owner is still starting,
    /// and its owner then takes itself for dead.
    /// </summary>
    All = 1,
}

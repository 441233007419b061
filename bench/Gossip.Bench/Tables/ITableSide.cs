using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>Three processes that keep something together, each with a directory on the same disk, and clients of theirs in this process.</summary>
internal interface ITableSide : IAsyncDisposable
{
    Side Side { get; }

    /// <summary>Starts the three, and waits until they answer.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Removes whatever is kept.</summary>
    Task ClearAsync(CancellationToken cancellationToken);

    /// <summary>A client that swaps one value.</summary>
    ISwapper Swapper(int number);

    /// <summary>A client in a place of its own, with a row of its own under the version that all share.</summary>
    Task<IRowOwner> RowOwnerAsync(int number, CancellationToken cancellationToken);

    /// <summary>Adds rows.</summary>
    Task FillAsync(int rows, int bytes, CancellationToken cancellationToken);

    /// <summary>Kills the process that decides. The next commit is awaited by <see cref="CommitAsync"/>.</summary>
    Task<int> KillLeaderAsync(CancellationToken cancellationToken);

    /// <summary>Writes, again and again, until it is done.</summary>
    Task CommitAsync(int killed, CancellationToken cancellationToken);

    /// <summary>Starts a killed process again, and waits until it takes part.</summary>
    Task RestartAsync(int number, CancellationToken cancellationToken);
}

/// <summary>Swaps a value that others swap, too.</summary>
internal interface ISwapper
{
    /// <summary>Learns what to expect, if it must.</summary>
    Task PrepareAsync();

    /// <summary>Swaps; false when somebody else was faster.</summary>
    Task<bool> TrySwapAsync();
}

/// <summary>Keeps a row up to date, as a silo does.</summary>
internal interface IRowOwner : IAsyncDisposable
{
    /// <summary>Waits for its turn, if there are turns; until it is disposed.</summary>
    Task<IAsyncDisposable?> TakeTurnAsync(CancellationToken cancellationToken);

    /// <summary>Reads all, and writes its own row; false when somebody else was faster.</summary>
    Task<bool> TryWriteAsync(string state, CancellationToken cancellationToken);
}

namespace Gossip.Tests.Tables;

/// <summary>A cluster with one table, which the guarantees are tried on. Each test has one of its own.</summary>
internal interface ITableCluster : IAsyncDisposable
{
    /// <summary>How many handles on different nodes there are.</summary>
    int Handles { get; }

    /// <summary>A client on one node; any number is taken modulo <see cref="Handles"/>.</summary>
    Task<ITableClient> HandleAsync(int index);

    /// <summary>
    /// Whether a call may end like this here, as where nodes are being killed: then it is tried again, and one whose outcome is not known is resolved by reading. Where nothing fails, nothing may be unavailable, and
    /// this stays false.
    /// </summary>
    bool Tolerates(TableUnavailableException error) => false;
}

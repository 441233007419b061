namespace Gossip.Agreement;

/// <summary>The register of the cluster, as its users on one node see it. May be called from any thread.</summary>
internal interface IRegister
{
    /// <summary>The latest value that this node knows to have been chosen; null before the first. It may be old: only <see cref="ReadAsync"/> says what is current.</summary>
    RegisterValue? Known { get; }

    /// <summary>Has a change decided. It happens at most once, however often it had to be sent.</summary>
    /// <param name="body">The change, for <see cref="IRegisterState.Apply"/>.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="cancellationToken">Gives up waiting; the change may still happen.</param>
    /// <returns>The answer of the change.</returns>
    /// <exception cref="TableUnavailableException">It was not decided in time, or before the node stopped. The error says why, and whether it may still happen.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    ValueTask<ReadOnlyMemory<byte>> ChangeAsync(ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Reads a value that is no older than the call.</summary>
    /// <param name="timeout">How long to try.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TableUnavailableException">No majority answered in time.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    ValueTask<RegisterValue> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits in the proposer's line until it is this caller's turn, so that many who each read and then write do not all lose to one another. Advice only.</summary>
    /// <param name="timeout">How long to wait at most; then the caller goes on without a turn.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Ends the turn when disposed.</returns>
    ValueTask<IAsyncDisposable> TakeTurnAsync(TimeSpan timeout, CancellationToken cancellationToken);
}

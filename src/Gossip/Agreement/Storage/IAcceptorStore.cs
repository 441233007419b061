namespace Gossip.Agreement;

/// <summary>Keeps what an acceptor must not forget. One caller at a time.</summary>
internal interface IAcceptorStore : IAsyncDisposable
{
    /// <summary>Drawn when the store was created: an acceptor with another store is another acceptor.</summary>
    Guid Id { get; }

    /// <summary>Whether the store outlives the process.</summary>
    bool IsDurable { get; }

    /// <summary>What was kept, in order, when the store was opened.</summary>
    IReadOnlyList<AcceptorRecord> Recovered { get; }

    /// <summary>Keeps records; they are safe when the call returns.</summary>
    /// <param name="records">What is new, in order.</param>
    /// <param name="checkpoint">Gives all that must be kept as one record, when the store wants to forget how it came about.</param>
    /// <param name="cancellationToken">Ends the wait, not the write.</param>
    /// <exception cref="TableStoreException">The records may or may not be safe. The store takes no more, and its acceptor must not answer any more.</exception>
    ValueTask AppendAsync(IReadOnlyList<AcceptorRecord> records, Func<CheckpointRecord> checkpoint, CancellationToken cancellationToken);

    /// <summary>Notes for ever that another copy of the store was in use: it is not opened any more.</summary>
    /// <exception cref="TableStoreException">It could not be noted.</exception>
    void Supersede();
}

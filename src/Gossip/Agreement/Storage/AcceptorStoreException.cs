namespace Gossip.Agreement;

/// <summary>Why a store cannot be used.</summary>
internal enum AcceptorStoreFailure
{
    /// <summary>The directory cannot be written, or the disk is full.</summary>
    Unwritable,

    /// <summary>Another process uses it.</summary>
    InUse,

    /// <summary>Its contents are damaged where no crash can have damaged them.</summary>
    Damaged,

    /// <summary>It belongs to another node: it was copied.</summary>
    OfAnotherNode,

    /// <summary>It was written by a newer version.</summary>
    TooNew,
}

/// <summary>The data directory of a node cannot be used. The node's other parts go on; it only does not vote.</summary>
/// <param name="failure">What is wrong.</param>
/// <param name="message">The same in words, with what to do.</param>
/// <param name="innerException">The error of the system, if there was one.</param>
internal sealed class AcceptorStoreException(AcceptorStoreFailure failure, string message, Exception? innerException = null)
    : IOException(message, innerException)
{
    /// <summary>What is wrong.</summary>
    public AcceptorStoreFailure Failure { get; } = failure;
}

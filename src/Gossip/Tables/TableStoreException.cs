namespace Gossip;

/// <summary>
/// The data directory of a node's table cannot be used, see <see cref="TableOptions.DataDirectory"/>. A node does not start with such a directory: to vote without what it once promised could undo what the
/// cluster decided.
/// </summary>
public sealed class TableStoreException : GossipException
{
    internal TableStoreException(TableStoreFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What is wrong; the message says it in words, with what to do.</summary>
    public TableStoreFailure Failure { get; }
}

/// <summary>Why the data directory of a table cannot be used.</summary>
public enum TableStoreFailure
{
    /// <summary>The directory cannot be read or written, or the disk is full.</summary>
    Unwritable = 0,

    /// <summary>Another process uses it.</summary>
    InUse = 1,

    /// <summary>Its contents are damaged where no crash can have damaged them, or a part is missing.</summary>
    Damaged = 2,

    /// <summary>It belongs to another node: it was copied.</summary>
    OfAnotherNode = 3,

    /// <summary>It was written by a newer version of this library.</summary>
    TooNew = 4,

    /// <summary>Another copy of it was in use: it was restored from a backup, or copied. What the other one promised it does not know.</summary>
    Superseded = 5,
}

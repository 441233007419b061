namespace Gossip;

/// <summary>A key, a row or the table would grow beyond a limit. Nothing was changed.</summary>
public sealed class TableLimitException : GossipException
{
    internal TableLimitException(string what, long size, long limit, string remedy)
        : base($"{what} would be {size}, and at most {limit} is allowed. {remedy}") => (Size, Limit) = (size, limit);

    /// <summary>The size that was asked for, in the unit that the message names; for a full table as far as this node knows.</summary>
    public long Size { get; }

    /// <summary>The limit, in the same unit.</summary>
    public long Limit { get; }
}

/// <summary>An update would have made a terminal row non-terminal. Nothing was changed, and to try again does not help: a successor is another row, with another key.</summary>
public sealed class TableRowTerminalException : GossipException
{
    internal TableRowTerminalException(string key)
        : base($"The row '{key}' is terminal and stays so. Insert its successor under another key.") => Key = key;

    /// <summary>The key of the row.</summary>
    public string Key { get; }
}

/// <summary>The nodes that decide about the table do not know the operation, for they run an older version of this library. Nothing was changed.</summary>
public sealed class TableOperationUnknownException : GossipException
{
    internal TableOperationUnknownException(string operation)
        : base($"The nodes that decide about the table do not know the operation {operation}: bring all nodes to the version of this one.")
    {
    }
}

namespace Gossip;

/// <summary>A node's tags and metadata would grow beyond a limit. Nothing was changed.</summary>
public sealed class MetadataLimitException : GossipException
{
    internal MetadataLimitException(string what, int actual, int maximum, string remedy)
        : base($"{what} would be {actual}, and at most {maximum} is allowed. {remedy}")
    {
        Actual = actual;
        Maximum = maximum;
    }

    /// <summary>The size that was asked for, in the unit that the message names.</summary>
    public int Actual { get; }

    /// <summary>The limit, in the same unit.</summary>
    public int Maximum { get; }
}

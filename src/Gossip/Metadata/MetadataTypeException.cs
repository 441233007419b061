namespace Gossip;

/// <summary>A metadata value was read as a type that it is not, or that cannot hold it.</summary>
public sealed class MetadataTypeException : GossipException
{
    internal MetadataTypeException(MetadataValue value, Type requested)
        : base($"The metadata value {value} of kind {value.Kind} cannot be read as {requested.Name} without loss. "
            + "Read it as its own kind, or convert it with TryConvert or ConvertOr.")
    {
        Kind = value.Kind;
        Requested = requested;
    }

    /// <summary>What the value is.</summary>
    public MetadataValueKind Kind { get; }

    /// <summary>What it was read as.</summary>
    public Type Requested { get; }
}

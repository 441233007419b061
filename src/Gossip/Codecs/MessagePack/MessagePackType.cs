using System.Diagnostics.CodeAnalysis;

namespace Gossip;

/// <summary>The types of the MessagePack format.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names are those of the specification.")]
public enum MessagePackType
{
    /// <summary>Nothing.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number from <see cref="long.MinValue"/> to <see cref="ulong.MaxValue"/>.</summary>
    Integer,

    /// <summary>A number of IEEE 754, of 32 or 64 bits.</summary>
    Float,

    /// <summary>Text in UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A sequence of values.</summary>
    Array,

    /// <summary>Pairs of a key and a value.</summary>
    Map,

    /// <summary>Bytes with a number that says what they mean; -1 is a moment.</summary>
    Extension,
}

using System.Diagnostics.CodeAnalysis;

namespace Gossip;

/// <summary>The type of a <see cref="MetadataValue"/>.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The kinds are types, as in TypeCode.")]
public enum MetadataValueKind
{
    /// <summary>
    /// A kind that only a newer version of the library understands. Such a value is kept and passed on unchanged, but cannot be
    /// read. The default value of <see cref="MetadataValue"/> has this kind too.
    /// </summary>
    Unknown = 0,

    /// <summary>A truth value.</summary>
    Boolean = 1,

    /// <summary>A signed integer of 64 bits; narrower integers widen to it.</summary>
    Int64 = 2,

    /// <summary>An unsigned integer of 64 bits.</summary>
    UInt64 = 3,

    /// <summary>A floating-point number of 64 bits.</summary>
    Double = 4,

    /// <summary>Text.</summary>
    String = 5,

    /// <summary>Bytes.</summary>
    Bytes = 6,

    /// <summary>A moment with its offset from UTC.</summary>
    Time = 7,
}

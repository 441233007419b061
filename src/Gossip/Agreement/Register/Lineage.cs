using System.Globalization;

namespace Gossip.Agreement;

/// <summary>Tells the registers of one cluster apart that followed each other after losses. Two clusters never share an incarnation.</summary>
/// <param name="Incarnation">Drawn by the founder.</param>
/// <param name="Parent">The incarnation that this one succeeds; empty for a first one.</param>
/// <param name="Ordinal">How many came before.</param>
internal readonly record struct Lineage(Guid Incarnation, Guid Parent, int Ordinal)
{
    public bool IsNone => Incarnation == Guid.Empty;

    /// <summary>Whether this register came right after another one.</summary>
    public bool Succeeds(Lineage other) => Parent == other.Incarnation && Ordinal > other.Ordinal;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Incarnation:N} (number {Ordinal})");
}

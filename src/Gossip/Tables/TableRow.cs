namespace Gossip.Tables;

/// <summary>One row. Immutable.</summary>
/// <param name="Value">The row's bytes, whose meaning only its users know.</param>
/// <param name="Stamp">The commit that wrote it; as text it is the row's etag.</param>
/// <param name="IsTerminal">The row never becomes non-terminal again.</param>
internal sealed record TableRow(ReadOnlyMemory<byte> Value, long Stamp, bool IsTerminal)
{
    public bool Equals(TableRow? other) =>
        other is not null && Stamp == other.Stamp && IsTerminal == other.IsTerminal && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => Stamp.GetHashCode();
}

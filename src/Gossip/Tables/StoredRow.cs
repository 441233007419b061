namespace Gossip.Tables;

/// <summary>One row, as it is agreed on. Immutable, and never handed out: acceptors share its bytes.</summary>
/// <param name="Value">The row's bytes, whose meaning only its users know.</param>
/// <param name="Stamp">The commit that wrote it; as text it is the row's etag.</param>
/// <param name="IsTerminal">The row never becomes non-terminal again.</param>
internal sealed record StoredRow(ReadOnlyMemory<byte> Value, long Stamp, bool IsTerminal)
{
    public bool Equals(StoredRow? other) =>
        other is not null && Stamp == other.Stamp && IsTerminal == other.IsTerminal && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => Stamp.GetHashCode();
}

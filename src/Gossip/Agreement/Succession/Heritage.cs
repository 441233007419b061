namespace Gossip.Agreement;

/// <summary>What a successor begins with.</summary>
/// <param name="Sessions">The results that clients of the lost register may still ask for: so their retries stay exact.</param>
/// <param name="Body">The change that makes the empty state hold what was saved.</param>
/// <param name="Source">Where that came from, in words.</param>
internal sealed record Heritage(Sessions Sessions, ReadOnlyMemory<byte> Body, string Source)
{
    /// <summary>The change as the first of all. It is named after the new incarnation, because it has no client.</summary>
    public Change Change(Lineage lineage)
    {
        Span<byte> bytes = stackalloc byte[AgreementFields.GuidSize];
        lineage.Incarnation.TryWriteBytes(bytes, bigEndian: true, out _);
        return new Change(new ChangeId(new NodeInstance(NodeId.Read(bytes), 1), 1), 1, Body);
    }
}

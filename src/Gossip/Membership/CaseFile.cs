namespace Gossip.Membership;

/// <summary>The evidence about one member, kept from the first failed probe on and bounded: the latest entries win.</summary>
internal sealed class CaseFile
{
    private const int MaxEntries = 32;
    private readonly Queue<Evidence> _entries = new();

    public void Add(long at, NodeId witness, EvidenceKind kind)
    {
        if (_entries.Count == MaxEntries)
        {
            _entries.Dequeue();
        }

        _entries.Enqueue(new Evidence(at, witness, kind));
    }

    public Evidence[] ToArray() => [.. _entries];

    /// <summary>Who accused, each once, the first accuser first.</summary>
    public IEnumerable<NodeId> Accusers() =>
        _entries.Where(entry => entry.Kind == EvidenceKind.Accused).Select(entry => entry.Witness).Distinct();

    /// <summary>One thing that was observed.</summary>
    /// <param name="At">When, in engine ticks.</param>
    /// <param name="Witness">Who observed it.</param>
    /// <param name="Kind">What.</param>
    internal readonly record struct Evidence(long At, NodeId Witness, EvidenceKind Kind);
}

namespace Gossip.Membership;

/// <summary>One probe of the <see cref="FailureDetector"/>, from the ping to an answer or the accusation; used again for the next one.</summary>
internal sealed class Probe(Member target)
{
    public Member Target { get; private set; } = target;

    public NodeInstance Instance { get; private set; }

    public ulong Sequence { get; private set; }

    public long Deadline { get; set; }

    public bool IsIndirect { get; set; }

    public bool StreamFailed { get; set; }

    public bool Refused { get; set; }

    /// <summary>Who was asked to probe, and whether a nack came.</summary>
    public List<(NodeId Id, bool Nacked)> Helpers { get; } = [];

    public void Begin(Member next, ulong sequence, long deadline)
    {
        Target = next;
        Instance = next.Instance;
        Sequence = sequence;
        Deadline = deadline;
        IsIndirect = false;
        StreamFailed = false;
        Refused = false;
        Helpers.Clear();
    }

    public int IndexOfHelper(NodeId id)
    {
        for (var i = 0; i < Helpers.Count; i++)
        {
            if (Helpers[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }
}

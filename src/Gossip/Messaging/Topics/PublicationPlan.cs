namespace Gossip.Messaging;

/// <summary>
/// Who gets a publication: every node that subscribes for itself, and of each queue group one node after the other until one takes it. Those who are well come before those who are suspected.
/// </summary>
internal sealed class PublicationPlan
{
    private PublicationPlan(SortedSet<NodeInstance> own, List<(string, Queue<NodeInstance>)> groups) => (Own, Groups) = (own, groups);

    /// <summary>The nodes that subscribe for themselves.</summary>
    public IReadOnlyCollection<NodeInstance> Own { get; }

    /// <summary>The queue groups, each with its nodes in the order in which they are tried.</summary>
    public IReadOnlyList<(string Group, Queue<NodeInstance> Candidates)> Groups { get; }

    public bool IsEmpty => Own.Count == 0 && Groups.Count == 0;

    /// <param name="found">The subscribers of the topic, in any order, repeated ones too.</param>
    /// <param name="stateOf">What is known of the state of a life.</param>
    /// <param name="turnOf">How often a queue group was asked for.</param>
    public static PublicationPlan For(IEnumerable<Subscriber> found, Func<NodeInstance, MemberState> stateOf, Func<string, int> turnOf)
    {
        SortedSet<NodeInstance> own = new(ById);
        SortedDictionary<string, SortedSet<NodeInstance>> groups = new(StringComparer.Ordinal);
        foreach (var (node, group) in found)
        {
            if (stateOf(node) is not (MemberState.Alive or MemberState.Suspect))
            {
                continue; // whoever leaves has said that it takes nothing more
            }

            if (group is null)
            {
                own.Add(node);
            }
            else if (groups.TryGetValue(group, out var nodes))
            {
                nodes.Add(node);
            }
            else
            {
                groups.Add(group, new SortedSet<NodeInstance>(ById) { node });
            }
        }

        return new PublicationPlan(own, [.. groups.Select(group => (group.Key, InOrder(group.Value, stateOf, turnOf(group.Key))))]);
    }

    private static Comparer<NodeInstance> ById { get; } = Comparer<NodeInstance>.Create(static (a, b) =>
        a.Id.CompareTo(b.Id) is var order and not 0 ? order : a.Generation.CompareTo(b.Generation));

    private static Queue<NodeInstance> InOrder(SortedSet<NodeInstance> nodes, Func<NodeInstance, MemberState> stateOf, int turn)
    {
        var well = nodes.Where(node => stateOf(node) == MemberState.Alive).ToArray();
        var suspected = nodes.Except(well).ToArray();
        return new Queue<NodeInstance>([.. Rotated(well, turn), .. Rotated(suspected, turn)]);
    }

    private static IEnumerable<NodeInstance> Rotated(NodeInstance[] nodes, int turn)
    {
        if (nodes.Length == 0)
        {
            return nodes;
        }

        var first = (int)((uint)turn % (uint)nodes.Length);
        return nodes[first..].Concat(nodes[..first]);
    }
}

using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>One publication for some nodes: who of them takes it for which queue group, and whether those who subscribe for themselves get it, too.</summary>
/// <param name="Nodes">Whom it is sent to.</param>
/// <param name="GroupsOnly">Whether it is for the queue groups alone.</param>
/// <param name="Duties">Who takes it for which group.</param>
/// <param name="HasAlternatives">Whether other nodes can take it when these cannot be reached.</param>
internal sealed record Errand(ImmutableArray<NodeInstance> Nodes, bool GroupsOnly, IReadOnlyList<GroupDuty> Duties, bool HasAlternatives);

/// <summary>
/// How far a publication is. A queue group whose node definitely had no part of it goes on to its next node; one whose node may have handled it never does.
/// </summary>
internal sealed class PublicationProgress(PublicationPlan plan)
{
    private readonly SortedDictionary<NodeId, PublishedTarget> _own = [];
    private readonly List<Group> _groups = [.. plan.Groups.Select(static group => new Group(group.Group, group.Candidates))];
    private readonly List<NodeInstance> _again = [];
    private bool _hasBegun;

    /// <summary>What became of it so far.</summary>
    public PublishResult Result => new([.. _own.Values, .. _groups.Where(static group => group.Result is not null).Select(static group => group.Result!.Value)]);

    /// <summary>How often a queue group went on to another node.</summary>
    public int Failovers { get; private set; }

    /// <summary>What is to be sent now, all at once; nothing when it is over. Each node of it has to be reported.</summary>
    public IReadOnlyList<Errand> Next()
    {
        List<GroupDuty> duties = [];
        SortedDictionary<NodeId, NodeInstance> takers = [];
        foreach (var group in _groups)
        {
            if (!group.IsOver && group.Candidates.TryDequeue(out var taker))
            {
                Failovers += group.Result is null ? 0 : 1;
                group.Taker = taker;
                takers[taker.Id] = taker;
                duties.Add(new GroupDuty(group.Name, taker.Id));
            }
            else
            {
                group.IsOver = true;
                group.Taker = null;
            }
        }

        if (_hasBegun)
        {
            return NextAlone(duties, takers);
        }

        _hasBegun = true;
        Errand[] all =
        [
            new Errand([.. plan.Own.Where(node => !takers.ContainsKey(node.Id))], GroupsOnly: false, duties, HasAlternatives: false),
            new Errand([.. takers.Values], GroupsOnly: false, duties, HasAlternatives: true),
        ];
        return [.. all.Where(static errand => !errand.Nodes.IsEmpty)];
    }

    /// <summary>Says what became of an errand at one of its nodes.</summary>
    public void Report(Errand errand, NodeInstance node, SendOutcome outcome, string? error)
    {
        var hadNoPart = outcome is SendOutcome.Unreachable or SendOutcome.NoHandler or SendOutcome.Refused;
        var hadDuty = false;
        foreach (var group in _groups)
        {
            if (group.Taker == node && errand.Duties.Contains(new GroupDuty(group.Name, node.Id)))
            {
                hadDuty = true;
                group.Result = new PublishedTarget(node, group.Name, outcome, error);
                group.IsOver = !hadNoPart;
            }
        }

        if (!errand.GroupsOnly && plan.Own.Contains(node))
        {
            _own[node.Id] = new PublishedTarget(node, null, outcome, error);
            if (hadNoPart && hadDuty)
            {
                _again.Add(node); // the group may have been the obstacle
            }
        }
    }

    private List<Errand> NextAlone(List<GroupDuty> duties, SortedDictionary<NodeId, NodeInstance> takers)
    {
        List<Errand> errands = [];
        foreach (var taker in takers.Values)
        {
            errands.Add(new Errand([taker], GroupsOnly: !_again.Remove(taker), duties.FindAll(duty => duty.Node == taker.Id), HasAlternatives: true));
        }

        errands.AddRange(_again.Select(static node => new Errand([node], GroupsOnly: false, [], HasAlternatives: false)));
        _again.Clear();
        return errands;
    }

    private sealed class Group(string name, Queue<NodeInstance> candidates)
    {
        public string Name { get; } = name;

        public Queue<NodeInstance> Candidates { get; } = candidates;

        public NodeInstance? Taker { get; set; }

        public PublishedTarget? Result { get; set; }

        public bool IsOver { get; set; }
    }
}

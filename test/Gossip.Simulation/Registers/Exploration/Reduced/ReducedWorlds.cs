using System.Runtime.InteropServices;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>
/// States of everything, as the numbers of their parts, and what may happen next in them. A world is what is left to happen, what was chosen, the acceptors, the proposers, and what is
/// under way: requests by their number, replies by the complement of theirs. Requests and replies may come in any order, at any time or never.
/// </summary>
internal sealed partial class ReducedWorlds
{
    private const int LeftAt = 0;
    private const int ChosenAt = 1;
    private const int FirstAcceptor = 2;

    private readonly ExplorationBounds _bounds;
    private readonly EngineSteps _steps;
    private readonly int _firstProposer;
    private readonly int _firstMessage;
    private readonly List<int> _next = [];
    private readonly Dictionary<(int Chosen, int Vote), int> _counted = [];
    private long _reached;

    public ReducedWorlds(ExplorationBounds bounds, EngineSteps steps)
    {
        (_bounds, _steps) = (bounds, steps);
        _firstProposer = FirstAcceptor + steps.Names.Length;
        _firstMessage = _firstProposer + bounds.Proposers;
        _lastEpoch = 1 + bounds.Reconfigurations;
        _sums = new UInt128[steps.Renamings.Length];
    }

    public delegate void WorldReached(ReadOnlySpan<int> world, UInt128 fingerprint);

    /// <summary>Takes each world that may come next.</summary>
    public required WorldReached Reached { get; init; }

    /// <summary>Is told of what a proposer answers.</summary>
    public required Action<int, Settled> Answered { get; init; }

    public static int ChosenIn(ReadOnlySpan<int> world) => world[ChosenAt];

    public void Begin()
    {
        var (acceptors, proposers, chosen) = _steps.Begin();
        var left = new Left(_bounds.Duplicates, _bounds.Restarts, _bounds.Ticks, _bounds.Reconfigurations);
        _next.Clear();
        _next.AddRange([left.Number, chosen, .. acceptors, .. proposers.Select(acted => acted.Proposer), .. proposers.SelectMany(acted => acted.Requests)]);
        Finish();
    }

    /// <summary>Everything that may happen next.</summary>
    public void Expand(int[] world)
    {
        var left = Left.Of(world[LeftAt]);
        for (var i = 0; Has(Reductions.Order) && i < _bounds.Proposers; i++)
        {
            var before = _reached;
            if (IsFirst(world, i, left))
            {
                Act(world, i, left);
                if (_reached > before)
                {
                    return;
                }
            }
        }

        for (var i = _firstMessage; i < world.Length; i++)
        {
            if (world[i] >= 0 && Array.IndexOf(world, world[i], _firstMessage) == i)
            {
                Deliver(world, i, left);
            }
        }

        for (var i = 0; i < _bounds.Proposers; i++)
        {
            Act(world, i, left);
        }

        for (var i = 0; left.Restarts > 0 && i < _steps.Names.Length; i++)
        {
            foreach (var restarted in _steps.Restart(world[FirstAcceptor + i]))
            {
                From(world);
                _next[FirstAcceptor + i] = restarted;
                _next[LeftAt] = (left with { Restarts = left.Restarts - 1 }).Number;
                Finish();
            }
        }
    }

    private bool Has(Reductions reduction) => (_steps.Reductions & reduction) != 0;

    private void From(ReadOnlySpan<int> world)
    {
        _next.Clear();
        _next.AddRange(world);
    }

    /// <summary>
    /// Lets a request come to its acceptor. As long as there may be a duplicate, what was delivered stays, to be delivered once more: so a duplicate is made when it comes, and not when its first copy does.
    /// </summary>
    private void Deliver(int[] world, int at, in Left left)
    {
        ref readonly var sent = ref Facts(world[at]);
        var acceptor = FirstAcceptor + sent.Acceptor;
        var handled = _steps.Handle(world[acceptor], world[at]);
        if (sent.IsRead && Has(Reductions.Blocks))
        {
            return; // its proposer takes the answer from here
        }

        if (Has(Reductions.DeadMessages) && (handled.IsMoved || (handled.Acceptor == world[acceptor] && handled.IsTagged && sent.Belongs == Belonging.Past)))
        {
            return; // it brings nothing, or what it brings the proposer takes from here
        }

        if (sent.IsSpent && handled.Acceptor == world[acceptor] && _steps.Replies[handled.Reply].IsIdempotent && Array.IndexOf(world, ~handled.Reply, _firstMessage) >= 0)
        {
            return; // the same once more
        }

        var spent = sent.Spent;
        From(world);
        _next[acceptor] = handled.Acceptor;
        _next[at] = ~handled.Reply;
        if (handled.Vote >= 0)
        {
            _next[ChosenAt] = Count(world[ChosenAt], handled.Vote);
        }

        if (sent.IsSpent)
        {
            _next[LeftAt] = (left with { Duplicates = left.Duplicates - 1 }).Number;
        }

        if (Left.Of(_next[LeftAt]).Duplicates > 0)
        {
            _next.Add(spent);
        }

        Finish();
    }

    private int Count(int chosen, int vote)
    {
        if (!_counted.TryGetValue((chosen, vote), out var counted))
        {
            counted = _counted[(chosen, vote)] = _steps.Chosen.Add(_steps.Chosen[chosen].Count(_steps.Values, _steps.Vote(vote), Has(Reductions.Votes)));
        }

        return counted;
    }

    private int InNextPhase(int message, int index, Acted acted)
    {
        if (message < 0)
        {
            var sent = _steps.Replies[~message];
            var isPast = sent.Proposer == index && ((acted.IsNewPhase && sent.Belongs == Belonging.Phase) || (acted.IsNewStaging && sent.Belongs == Belonging.Staging));
            return isPast && !Has(Reductions.DeadMessages) ? ~_steps.Replies.Add(sent with { Belongs = Belonging.Past }) : isPast ? Gone : message;
        }

        ref readonly var facts = ref Facts(message);
        return facts.Proposer == index && ((acted.IsNewPhase && facts.Belongs == Belonging.Phase) || (acted.IsNewStaging && facts.Belongs == Belonging.Staging)) ? facts.Past : message;
    }

    private void Check(int index, Settled[] answers, RegisterValue latest)
    {
        foreach (var settled in answers)
        {
            if (settled.Verdict == Verdict.Decided && !_steps.Values.IsIn(settled.Value!, latest))
            {
                throw new ViolationException(ExploredWorld.Rule, $"a change was called decided with {settled.Value!.Position}, which was not chosen");
            }

            Answered(index, settled);
        }
    }

    private void Finish()
    {
        if (Has(Reductions.DeadMessages))
        {
            DropDeadMessages();
        }

        if (Has(Reductions.Votes))
        {
            DropDeadVotes();
        }

        _reached++;
        Reached(CollectionsMarshal.AsSpan(_next), Fingerprint());
    }
}

namespace Gossip.Simulation.Registers;

/// <content>What proposers do.</content>
internal sealed partial class ReducedWorlds
{
    /// <summary>As many as an int has bits for what was taken.</summary>
    private const int MaxAvailable = 31;

    private readonly List<Available> _available = [];
    private readonly Stack<Block> _blocks = [];
    private readonly HashSet<(int Proposer, int Taken, bool HasBegun)> _seen = [];

    /// <summary>
    /// Lets a proposer act. A reply that leads to nothing that others can see, such as the first of two promises, does not change what anybody else can do, and
    /// nothing that others do changes what it does; so it may as well be taken just before the next thing that the proposer does that can be seen. Those that it
    /// never takes are lost. It is the same with a request that changes nothing that its acceptor says later, and is answered alike as long as the answer matters: its answer is taken from where it is.
    /// </summary>
    private void Act(int[] world, int index, in Left left)
    {
        FindAvailable(world, index);
        if (_available.Count == 0 && left.Ticks == 0 && (index > 0 || left.Reconfigurations == 0))
        {
            return;
        }

        if (_available.Count + _steps.Names.Length > MaxAvailable)
        {
            throw new InvalidOperationException($"A proposer may take {_available.Count} replies, which are more than fit.");
        }

        _blocks.Clear();
        _seen.Clear();
        _blocks.Push(new Block(world[_firstProposer + index], 0, left, []));
        while (_blocks.TryPop(out var at))
        {
            Act(world, index, at);
        }
    }

    private void Act(int[] world, int index, in Block at)
    {
        for (var i = 0; i < _available.Count + at.Begun.Length; i++)
        {
            if ((at.Taken & (1 << i)) == 0)
            {
                var reply = i < _available.Count ? _available[i].Reply : AnswerTo(world, at.Begun[i - _available.Count]);
                var left = i < _available.Count && _available[i].IsDuplicate ? at.Left with { Duplicates = at.Left.Duplicates - 1 } : at.Left;
                Go(world, index, at with { Taken = at.Taken | (1 << i), Left = left }, _steps.Hear(at.Proposer, reply));
            }
        }

        if (index == 0 && at.Left.Reconfigurations > 0 && _steps.Reconfigure(at.Proposer) is { } begun)
        {
            Go(world, index, at with { Left = at.Left with { Reconfigurations = at.Left.Reconfigurations - 1 }, Begun = begun.Requests }, begun);
        }

        if (at.Left.Ticks > 0 && _steps.Tick(index, at.Proposer) is { } ticked)
        {
            Go(world, index, at with { Left = at.Left with { Ticks = at.Left.Ticks - 1 } }, ticked);
        }
    }

    private void Go(int[] world, int index, in Block block, Acted acted)
    {
        if (block.Left.Duplicates < 0 || (acted.Proposer == block.Proposer && !acted.IsVisible))
        {
            return;
        }

        var after = block with { Proposer = acted.Proposer };
        if (acted.IsVisible || !Has(Reductions.Blocks))
        {
            Follow(world, index, acted, after);
        }
        else if (_seen.Add((after.Proposer, after.Taken, after.Begun.Length > 0)))
        {
            _blocks.Push(after);
        }
    }

    private void FindAvailable(int[] world, int index)
    {
        _available.Clear();
        for (var i = _firstMessage; i < world.Length; i++)
        {
            var message = world[i];
            if (message < 0)
            {
                if (_steps.Replies[~message].Proposer == index)
                {
                    _available.Add(new Available(i, ~message, false));
                }

                continue;
            }

            ref readonly var sent = ref Facts(message);
            if (sent.Proposer == index && Has(Reductions.DeadMessages))
            {
                // What an acceptor says of an epoch that is over it says for ever.
                var handled = _steps.Handle(world[FirstAcceptor + sent.Acceptor], message);
                if (handled.IsMoved || (sent.IsRead && sent.Belongs == Belonging.Staging && Has(Reductions.Blocks)))
                {
                    _available.Add(new Available(i, handled.Reply, sent.IsSpent));
                }
            }
        }

        for (var i = 0; Has(Reductions.FreeNews) && i < _steps.Probes[index].Length; i++)
        {
            var handled = _steps.Handle(world[FirstAcceptor + i], _steps.Probes[index][i]);
            if (handled.IsMoved)
            {
                _available.Add(new Available(-1, handled.Reply, false));
            }
        }
    }

    private int AnswerTo(int[] world, int request) => _steps.Handle(world[FirstAcceptor + Facts(request).Acceptor], request).Reply;

    private void Follow(int[] world, int index, Acted acted, in Block block)
    {
        _next.Clear();
        _next.AddRange(world.AsSpan(0, _firstMessage));
        _next[_firstProposer + index] = acted.Proposer;
        _next[LeftAt] = block.Left.Number;
        for (var i = _firstMessage; i < world.Length; i++)
        {
            if (!IsTaken(i, block.Taken))
            {
                _next.Add(InNextPhase(world[i], index, acted));
            }
        }

        for (var i = 0; i < block.Begun.Length; i++)
        {
            if ((block.Taken & (1 << (_available.Count + i))) == 0)
            {
                _next.Add(acted.Requests == block.Begun ? block.Begun[i] : InNextPhase(block.Begun[i], index, acted));
            }
        }

        if (acted.Requests != block.Begun)
        {
            _next.AddRange(acted.Requests);
        }

        if (acted.Settled.Length > 0 && acted.Checked.Add(world[ChosenAt]))
        {
            Check(index, acted.Settled, _steps.Chosen[world[ChosenAt]].Latest);
        }

        Finish();
    }

    private bool IsTaken(int at, int taken)
    {
        for (var i = 0; i < _available.Count; i++)
        {
            if (_available[i].At == at && (taken & (1 << i)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether nothing that others do can bring a proposer anything new before it acts, or make it act in another way: none of its requests is still to be answered for this phase, and no epoch
    /// ends without it. What it does then only adds messages to those of the others and changes nothing else for them, so that whatever they do first they can as well do
    /// after it (a persistent set: Godefroid 1996); and no world comes back, so that nobody is passed over for ever.
    /// </summary>
    private bool IsFirst(int[] world, int index, in Left left)
    {
        if (left.Ticks > 0 || (left.Duplicates > 0 && !Has(Reductions.FreeNews)))
        {
            return false; // what it does may take from what is left to the others
        }

        var mayEnd = _lastEpoch > 1 && (left.Reconfigurations > 0 || ProposerOf(world[_firstProposer]).IsReconfiguring);
        var ends = false;
        for (var i = 0; i < _bounds.Proposers; i++)
        {
            ends |= ProposerOf(world[_firstProposer + i]).IsSealing;
        }

        for (var i = FirstAcceptor; i < _firstProposer; i++)
        {
            ref readonly var acceptor = ref AcceptorOf(world[i]);
            ends |= acceptor.IsSealed || acceptor.Epoch > 1;
        }

        for (var i = _firstMessage; i < world.Length; i++)
        {
            if (world[i] < 0)
            {
                continue;
            }

            ref readonly var sent = ref Facts(world[i]);
            ends |= sent.IsSeal;
            if (sent.Proposer == index && (sent.Belongs == Belonging.Phase || (sent.Epoch > AcceptorOf(world[FirstAcceptor + sent.Acceptor]).Epoch && !sent.IsInstall)))
            {
                return false;
            }
        }

        return ProposerOf(world[_firstProposer + index]).Epoch >= _lastEpoch || !(ends || (mayEnd && index > 0));
    }

    /// <summary>A reply that a proposer may take.</summary>
    private readonly record struct Available(int At, int Reply, bool IsDuplicate);

    /// <summary>A proposer that took some replies, and perhaps began a reconfiguration, of which nobody saw anything yet.</summary>
    private readonly record struct Block(int Proposer, int Taken, Left Left, int[] Begun);
}

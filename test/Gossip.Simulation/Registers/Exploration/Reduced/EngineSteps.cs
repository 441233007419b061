using System.Collections.Immutable;
using System.Text;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>
/// What each engine does in each of its states, by running it, once. An engine is pure, so what it did once in a state, it does there always; worlds are then
/// made of numbers.
/// </summary>
internal sealed class EngineSteps
{
    private const int FirstAcceptor = 101;
    private static readonly Guid Incarnation = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private readonly ExplorationBounds _bounds;
    private readonly Plant _plant;
    private readonly StateKey _keys;
    private readonly StateKey _unpromisedKeys;
    private readonly List<Handled?[]> _handled = [];
    private readonly List<UInt128[]?> _unpromised = [];
    private readonly List<UInt128[]?> _retired = [];
    private readonly Dictionary<OpenVote, int> _voteNumbers = [];
    private readonly List<OpenVote> _votes = [];
    private readonly Dictionary<long, Acted> _heard = [];
    private readonly Dictionary<int, Acted?> _reconfigured = [];
    private readonly Dictionary<int, Acted?> _ticked = [];
    private readonly Dictionary<int, ImmutableArray<int>> _restarted = [];

    public EngineSteps(ExplorationBounds bounds, Plant plant, Reductions reductions)
    {
        (_bounds, _plant, Reductions) = (bounds, plant, reductions);
        Names = [.. Enumerable.Range(0, bounds.Acceptors + bounds.Newcomers).Select(i => new AcceptorId(new NodeId((ulong)(i + FirstAcceptor)), Incarnation))];
        Renamings = RenamingsOf(bounds, reductions);
        _keys = new StateKey(reductions, Names) { HasTimeouts = bounds.Ticks > 0, HasEpochs = bounds.Reconfigurations > 0 };
        _unpromisedKeys = new StateKey(reductions, Names) { HasTimeouts = bounds.Ticks > 0, HasEpochs = bounds.Reconfigurations > 0, IgnoresPromises = true };
        Acceptors = new(Renamings.Length, (part, i) => _keys.Of(Renamings[i], part.Port, Restarted(part).Port));
        Proposers = new(Renamings.Length, (part, i) => _keys.Of(Renamings[i], part.Proposer, part.Asked));
        Requests = new(Renamings.Length, (sent, i) => _keys.Of(Renamings[i], sent.Proposer, Renamings[i][sent.Acceptor], Told(sent.Request), sent.Belongs, sent.IsSpent));
        Replies = new(Renamings.Length, (sent, i) => _keys.Of(Renamings[i], sent.Proposer, Renamings[i][sent.Acceptor], sent.Reply, sent.Belongs));
        Chosen = new(Renamings.Length, (chosen, i) => KeyOf(chosen, Renamings[i]));
    }

    public Reductions Reductions { get; }

    /// <summary>
    /// Whether requests are told apart by the values that they tell only. A proposer whose batches do not fit what an acceptor holds sends the whole value when it is asked for it, as long as it
    /// is in the same round, so the acceptor comes to the same value by the same ballot later, or never: as if the whole had been sent, and had taken as long, or was lost. So here a request to accept is carried out
    /// with its batches, and at once once more with the whole value if those do not fit.
    /// </summary>
    public bool IgnoresEncodings => Reductions.HasFlag(Reductions.Encodings);

    public ImmutableArray<AcceptorId> Names { get; }

    /// <summary>The ways to name the acceptors that keep the seats of both epochs as they are.</summary>
    public int[][] Renamings { get; }

    public PartTable<ExploredAcceptor> Acceptors { get; }

    public PartTable<ExploredProposer> Proposers { get; }

    public PartTable<SentRequest> Requests { get; }

    public PartTable<SentReply> Replies { get; }

    public PartTable<ChosenSoFar> Chosen { get; }

    /// <summary>By proposer and acceptor, a request that can bring nothing but the news that the first epoch is over.</summary>
    public int[][] Probes { get; private set; } = [];

    public ChosenValues Values { get; } = new();

    /// <summary>The seats of the next epoch: all but the first acceptor, and the newcomers.</summary>
    private ImmutableArray<AcceptorId> NextSeats => Names[1..];

    /// <summary>Acceptors in their first epoch, and proposers that were just asked for their first change, with what they sent.</summary>
    public (int[] Acceptors, Acted[] Proposers, int Chosen) Begin()
    {
        var seats = Names[.._bounds.Acceptors];
        var opening = new RegisterValue
        {
            Lineage = new Lineage(Incarnation, Guid.Empty, 0),
            Configuration = Configuration.Of(1, seats),
            Position = Position.Origin(seats),
            Sessions = Sessions.None,
            State = Notes.None,
        };
        Values.Add(opening, null);
        var acceptors = Names.Select(name =>
        {
            var acceptor = new ExploredAcceptor(_plant, name);
            if (seats.Contains(name))
            {
                acceptor.Handle(new Install(Ballot.None, opening) { Register = opening.Id(default), To = name });
            }

            return Acceptors.Add(acceptor);
        }).ToArray();
        var proposers = Enumerable.Range(0, _bounds.Proposers).Select(i =>
            Act(i, new ExploredProposer(new NodeInstance(new NodeId((ulong)i + 1), 1)), proposer => proposer.Follow(0, opening.Id(default), opening.Configuration, opening))).ToArray();
        Probes = [.. Enumerable.Range(0, _bounds.Proposers).Select(p => (int[])[.. seats.Select((seat, a) =>
            Requests.Add(new SentRequest(p, a, new Query(Position.Nowhere, WantsNews: false) { Register = opening.Id(default), To = seat }, Belonging.Past)))])];
        return (acceptors, proposers, Chosen.Add(new ChosenSoFar(opening, [])));
    }

    /// <summary>The key of what is left to happen.</summary>
    public UInt128 KeyOf(in Left left) => _keys.Of(Renamings[0], nameof(Left), left.Duplicates, left.Restarts, left.Ticks, left.Reconfigurations);

    /// <summary>The keys of an acceptor but for what it promised.</summary>
    public ReadOnlySpan<UInt128> UnpromisedKeys(int acceptor)
    {
        while (_unpromised.Count <= acceptor)
        {
            _unpromised.Add(null);
        }

        return _unpromised[acceptor] ??= [.. Renamings.Select(renaming => _unpromisedKeys.Of(renaming, nameof(UnpromisedKeys), Acceptors[acceptor].Port, Restarted(Acceptors[acceptor]).Port))];
    }

    /// <summary>The keys of an acceptor that nobody looks at any more: who it is, and in which epoch.</summary>
    public ReadOnlySpan<UInt128> RetiredKeys(int acceptor)
    {
        while (_retired.Count <= acceptor)
        {
            _retired.Add(null);
        }

        var port = Acceptors[acceptor].Port.Acceptor;
        return _retired[acceptor] ??= [.. Renamings.Select(renaming => _keys.Of(renaming, nameof(RetiredKeys), port.Self, port.Register))];
    }

    public OpenVote Vote(int number) => _votes[number];

    /// <summary>What an acceptor does with a request.</summary>
    public Handled Handle(int acceptor, int request)
    {
        while (_handled.Count <= request)
        {
            _handled.Add([]);
        }

        var handled = _handled[request];
        if (acceptor < handled.Length && handled[acceptor] is { } known)
        {
            return known;
        }

        var result = HandleOnce(acceptor, request);
        if (acceptor >= handled.Length)
        {
            Array.Resize(ref handled, Math.Max(acceptor + 1, Acceptors.Count));
            _handled[request] = handled;
        }

        return handled[acceptor] = result;
    }

    private Handled HandleOnce(int acceptor, int request)
    {
        var sent = Requests[request];
        var part = EngineState.Copy(Acceptors[acceptor]);
        var reply = part.Handle(sent.Request);
        if (IgnoresEncodings && reply is NeedsBase && sent.Request is Accept needed)
        {
            reply = part.Handle(needed with { News = News.Of(Values[needed.News.After]) });
        }

        var vote = (sent.Request, reply) switch
        {
            (Accept accept, Accepted) => new OpenVote(accept.Ballot, part.Port.Acceptor.Value!, 1 << sent.Acceptor),
            (Install { Accepted.IsNone: false } install, Installed) when part.Port.Acceptor.AcceptedBallot == install.Accepted => new OpenVote(install.Accepted, part.Port.Acceptor.Value!, 1 << sent.Acceptor),
            _ => (OpenVote?)null,
        };
        var given = new SentReply(sent.Proposer, sent.Acceptor, reply with { Tag = 0 }, sent.Belongs);
        if (!given.IsTagged)
        {
            given = given with { Belongs = Belonging.Past };
        }

        return new Handled(Acceptors.Add(part), Replies.Add(given), given.IsTagged, reply is Moved, vote is { } accepted ? NumberOf(accepted) : -1);
    }

    /// <summary>What a proposer does with a reply.</summary>
    public Acted Hear(int proposer, int reply)
    {
        var key = ((long)proposer << 32) | (uint)reply;
        if (!_heard.TryGetValue(key, out var acted))
        {
            var sent = Replies[reply];
            acted = _heard[key] = Act(sent.Proposer, Proposers[proposer], engine => engine.OnReply(0, sent.Reply with { Tag = TagOf(engine, sent.Belongs) }));
        }

        return acted;
    }

    /// <summary>Begins a reconfiguration; null where none can begin.</summary>
    public Acted? Reconfigure(int proposer)
    {
        if (!_reconfigured.TryGetValue(proposer, out var acted))
        {
            acted = _reconfigured[proposer] = Proposers[proposer].Proposer is { IsLeading: true, IsReconfiguring: false, Register.Epoch: 1 }
                ? Act(0, Proposers[proposer], engine => engine.TryReconfigure(0, NextSeats))
                : null;
        }

        return acted;
    }

    /// <summary>Lets a proposer find that it waited long enough; null where it waits for nothing.</summary>
    public Acted? Tick(int index, int proposer)
    {
        if (!_ticked.TryGetValue(proposer, out var acted))
        {
            acted = _ticked[proposer] = Proposers[proposer].Proposer.NextDeadline < long.MaxValue ? Act(index, Proposers[proposer], engine => engine.OnTick(engine.NextDeadline)) : null;
        }

        return acted;
    }

    /// <summary>What an acceptor is after a restart, with its log or with a checkpoint of it. Nothing where that is what it was: whatever follows then also follows without the restart.</summary>
    public ImmutableArray<int> Restart(int acceptor)
    {
        if (!_restarted.TryGetValue(acceptor, out var parts))
        {
            var checkpointed = EngineState.Copy(Acceptors[acceptor]);
            checkpointed.RestartFromCheckpoint();
            int[] both = [Acceptors.Add(Restarted(Acceptors[acceptor])), Acceptors.Add(checkpointed)];
            parts = _restarted[acceptor] = [.. both.Distinct().Where(part => part != acceptor)];
        }

        return parts;
    }

    private int NumberOf(OpenVote vote)
    {
        if (!_voteNumbers.TryGetValue(vote, out var number))
        {
            number = _voteNumbers[vote] = _votes.Count;
            _votes.Add(vote);
        }

        return number;
    }

    /// <summary>
    /// Looks whether acceptors are what <see cref="Reductions.DeadMessages"/> takes them for: what is void for an acceptor in one of its states is so in all that it came to from there, and what it says of an epoch
    /// that is over it goes on to say. Each step that was run is looked at with each request that was ever made for that acceptor.
    /// </summary>
    public void CheckThatVoidStaysVoid()
    {
        var steps = new HashSet<(int Acceptor, int Before, int After)>();
        for (var request = 0; request < _handled.Count; request++)
        {
            for (var before = 0; before < _handled[request].Length; before++)
            {
                if (_handled[request][before] is { } handled && handled.Acceptor != before)
                {
                    steps.Add((Requests[request].Acceptor, before, handled.Acceptor));
                }
            }
        }

        for (var request = Requests.Count - 1; request >= 0; request--)
        {
            foreach (var (acceptor, before, after) in steps)
            {
                if (acceptor == Requests[request].Acceptor && IsVoid(before, request) && !IsVoid(after, request))
                {
                    throw new ViolationException(ExploredWorld.Rule, $"{Requests[request]} was void for an acceptor, and is not any more");
                }
            }
        }
    }

    private bool IsVoid(int acceptor, int request) => Handle(acceptor, request) is var handled && (handled.IsMoved || (handled.IsTagged && handled.Acceptor == acceptor));

    private static ExploredAcceptor Restarted(ExploredAcceptor part)
    {
        var copy = EngineState.Copy(part);
        copy.Restart();
        return copy;
    }

    private static ulong TagOf(Proposer proposer, Belonging belongs) => belongs switch
    {
        Belonging.Phase => ProposerFields.Tag(proposer),
        Belonging.Staging => ProposerFields.StageTag(proposer),
        _ => ulong.MaxValue,
    };

    private static int[][] RenamingsOf(ExplorationBounds bounds, Reductions reductions)
    {
        var all = bounds.Acceptors + bounds.Newcomers;
        var same = Enumerable.Range(0, all).ToArray();
        if (!reductions.HasFlag(Reductions.Symmetry))
        {
            return [same];
        }

        var first = bounds.Reconfigurations > 0 ? 1 : 0; // who loses its seat, and who gets one, cannot change places with others
        return [.. Orders(same[first..bounds.Acceptors]).Select(order => (int[])[.. same[..first], .. order, .. same[bounds.Acceptors..]])];
    }

    private static IEnumerable<ImmutableArray<int>> Orders(int[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => rest.Insert(0, first))).OrderBy(order => !order.SequenceEqual(items));

    private UInt128 KeyOf(ChosenSoFar chosen, int[] renaming)
    {
        var open = UInt128.Zero;
        foreach (var vote in chosen.Open)
        {
            var voters = 0;
            for (var i = 0; i < renaming.Length; i++)
            {
                voters |= ((vote.Voters >> i) & 1) << renaming[i];
            }

            open += _keys.Of(renaming, vote.Ballot, vote.Value, voters);
        }

        return _keys.Of(renaming, chosen.Latest, open);
    }

    /// <summary>What tells a request from others: of a value, where it stands.</summary>
    private AcceptorRequest Told(AcceptorRequest request) =>
        IgnoresEncodings && request is Accept accept ? accept with { News = new News(Position.Nowhere, [], null, accept.News.After) } : request;

    /// <summary>Without the tag, and without what a proposer holds: acceptors then tell all that they hold, and not only what differs, which comes to the same.</summary>
    private AcceptorRequest Plain(AcceptorRequest request) =>
        (IgnoresEncodings && request is Prepare prepare ? prepare with { Known = Position.Nowhere } : request) with { Tag = 0 };

    private Acted Act(int index, ExploredProposer before, Action<Proposer> action)
    {
        var part = EngineState.Copy(before);
        var engine = part.Proposer;
        var (phase, tag, stageTag) = (ProposerFields.Phase(engine), ProposerFields.Tag(engine), ProposerFields.StageTag(engine));
        action(engine);
        while (true)
        {
            if (engine.Waiting == 0 && part.Asked < _bounds.Operations)
            {
                var text = Encoding.ASCII.GetBytes($"{index}.{++part.Asked}");
                engine.Submit(0, part.Asked, new Change(new ChangeId(new NodeInstance(new NodeId((ulong)index + 1), 1), (ulong)part.Asked), 1, text), long.MaxValue, insist: true);
            }
            else if (ProposerFields.Phase(engine) == "Idle" && engine.NextDeadline < long.MaxValue)
            {
                engine.OnTick(engine.NextDeadline); // its pause is over at once
            }
            else
            {
                break;
            }
        }

        if (ProposerFields.Phase(engine) == "Accepting")
        {
            Values.Add(ProposerFields.Proposed(engine)!, ProposerFields.Value(engine)!.Position);
        }

        var requests = part.Outbox.Requests.SelectMany(_plant.Send).Select(request => Requests.Add(new SentRequest(
            index,
            Names.IndexOf(request.To),
            Plain(request),
            request.Tag == ProposerFields.Tag(engine) ? Belonging.Phase : request.Tag == ProposerFields.StageTag(engine) ? Belonging.Staging : Belonging.Past))).ToArray();
        var settled = part.Outbox.Settled.ToArray();
        part.Outbox.Clear();
        return new Acted(
            Proposers.Add(part),
            requests,
            requests.Any(request => !Requests[request].IsRead) || settled.Length > 0 || phase != ProposerFields.Phase(engine) || tag != ProposerFields.Tag(engine),
            tag != ProposerFields.Tag(engine),
            stageTag != ProposerFields.StageTag(engine),
            settled);
    }
}

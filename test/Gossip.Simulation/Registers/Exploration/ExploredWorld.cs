using System.Collections.Immutable;
using System.Text;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>How much may happen. Messages and answers may be lost without a bound: what is not delivered yet may never be.</summary>
internal sealed record ExplorationBounds
{
    public int Acceptors { get; init; } = 3;

    public int Proposers { get; init; } = 2;

    public int Operations { get; init; } = 2;

    public int Reconfigurations { get; init; } = 1;

    /// <summary>Acceptors that get a seat by the reconfiguration.</summary>
    public int Newcomers { get; init; }

    public int Duplicates { get; init; }

    public int Restarts { get; init; }

    public int Ticks { get; init; }

    public int MaxStates { get; init; } = int.MaxValue;

    /// <summary>Where to note what anybody can see: chains of chosen values, and answers.</summary>
    public ISet<string>? Observations { get; init; }

    public void Note(RegisterValue latest) => Observations?.Add($"chosen {Describe(latest)}");

    public void Note(int proposer, Settled settled) => Observations?.Add($"p{proposer} answers {settled.Ticket}: {settled.Verdict} {(settled.Value is { } value ? Describe(value) : "")}");

    private static string Describe(RegisterValue value) => $"in epoch {value.Configuration.Epoch}: {string.Join(' ', ((Notes)value.State).Texts)}";
}

/// <summary>
/// One state of everything. Immutable: a step leads to another one, which shares all that the step did not touch. A call is one step, whose answer is taken at
/// once or lost: an answer that comes later does what it would have done at once, or nothing.
/// </summary>
internal sealed class ExploredWorld
{
    public const string Rule = "chosen";

    private static readonly Guid Incarnation = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private readonly ExplorationBounds _left;
    private readonly ImmutableArray<(ExploredAcceptor Part, ulong Hash)> _acceptors;
    private readonly ImmutableArray<(ExploredProposer Part, ulong Hash)> _proposers;
    private readonly ImmutableList<ExploredMessage> _messages;
    private readonly ImmutableDictionary<(long Epoch, Ballot Ballot, Position Position), int> _votes;
    private readonly ImmutableDictionary<long, RegisterValue> _chosen;

    private ExploredWorld(
        ExplorationBounds left,
        ImmutableArray<(ExploredAcceptor Part, ulong Hash)> acceptors,
        ImmutableArray<(ExploredProposer Part, ulong Hash)> proposers,
        ImmutableList<ExploredMessage> messages,
        ImmutableDictionary<(long Epoch, Ballot Ballot, Position Position), int> votes,
        ImmutableDictionary<long, RegisterValue> chosen) =>
        (_left, _acceptors, _proposers, _messages, _votes, _chosen) = (left, acceptors, proposers, messages, votes, chosen);

    public int Chosen => _chosen.Count;

    /// <summary>What was chosen last.</summary>
    public RegisterValue Latest => _chosen[_chosen.Keys.Max()];

    public long Epoch => _chosen.Values.Max(value => value.Configuration.Epoch);

    /// <summary>Equal for equal states.</summary>
    public ulong Hash
    {
        get
        {
            var hash = new TraceHash();
            hash.Add(((ulong)_left.Duplicates << 16) ^ ((ulong)_left.Restarts << 8) ^ (ulong)_left.Ticks ^ ((ulong)_left.Reconfigurations << 32));
            foreach (var (_, part) in _acceptors)
            {
                hash.Add(part);
            }

            foreach (var (_, part) in _proposers)
            {
                hash.Add(part);
            }

            ulong messages = 0, votes = 0;
            foreach (var message in _messages)
            {
                messages += message.Hash;
            }

            foreach (var (vote, voters) in _votes)
            {
                votes += Node.SeededRandom.Mix((ulong)vote.Position.Digest ^ vote.Ballot.Round ^ vote.Ballot.Proposer.Id.LowBits ^ ((ulong)voters << 40));
            }

            hash.Add(messages);
            hash.Add(votes);
            return hash.Value;
        }
    }

    /// <summary>Acceptors in their first epoch, and proposers that were just asked for their first change.</summary>
    public static ExploredWorld Begin(ExplorationBounds bounds, Plant plant)
    {
        var seats = Seats(bounds.Acceptors);
        var opening = new RegisterValue
        {
            Lineage = new Lineage(Incarnation, Guid.Empty, 0),
            Configuration = Configuration.Of(1, seats),
            Position = Position.Origin(seats),
            Sessions = Sessions.None,
            State = Notes.None,
        };
        var acceptors = ImmutableArray.CreateBuilder<(ExploredAcceptor, ulong)>();
        foreach (var seat in seats)
        {
            var acceptor = new ExploredAcceptor(plant, seat);
            acceptor.Handle(new Install(Ballot.None, opening) { Register = opening.Id(default), To = seat });
            acceptors.Add((acceptor, acceptor.Hash()));
        }

        var proposers = Enumerable.Range(0, bounds.Proposers).Select(i => (new ExploredProposer(new NodeInstance(new NodeId((ulong)i + 1), 1)), 0UL));
        var world = new ExploredWorld(bounds, acceptors.ToImmutable(), [.. proposers], [], ImmutableDictionary<(long, Ballot, Position), int>.Empty, ImmutableDictionary<long, RegisterValue>.Empty.Add(0, opening));
        for (var i = 0; i < bounds.Proposers; i++)
        {
            world = world.Touch(i, proposer => proposer.Follow(0, opening.Id(default), opening.Configuration, opening));
        }

        return world;
    }

    /// <summary>Everything that may happen next.</summary>
    public IEnumerable<(string What, ExploredWorld World)> Steps()
    {
        foreach (var same in _messages.GroupBy(message => message.Hash))
        {
            var message = same.First();
            var without = With(_left, _messages.Remove(message));
            var unanswered = without.Deliver(message, out var reply);
            var answered = unanswered.Touch(message.Proposer, proposer => proposer.OnReply(0, reply));
            if (unanswered.Has(without._acceptors) && answered.Has(without._proposers) && answered._messages.Count == without._messages.Count)
            {
                yield return ($"void {message}", without); // it changes nothing now, and never will: no need to consider when it comes
                yield break;
            }

            yield return ($"call {message}", answered);
            yield return ($"lose the answer to {message}", unanswered);
            if (_left.Duplicates > 0)
            {
                var twice = With(_left with { Duplicates = _left.Duplicates - 1 }, _messages).Deliver(message, out reply);
                yield return ($"call twice {message}", twice.Touch(message.Proposer, proposer => proposer.OnReply(0, reply)));
            }
        }

        for (var i = 0; _left.Restarts > 0 && i < _acceptors.Length; i++)
        {
            var copy = EngineState.Copy(_acceptors[i].Part);
            copy.Restart();
            var left = _left with { Restarts = _left.Restarts - 1 };
            yield return ($"restart a{i}", new ExploredWorld(left, _acceptors.SetItem(i, (copy, copy.Hash())), _proposers, _messages, _votes, _chosen));
        }

        if (_left.Reconfigurations > 0 && _proposers[0].Part.Proposer is { IsLeading: true, IsReconfiguring: false, Register.Epoch: 1 })
        {
            // All but one keep their seats, so majorities of both epochs meet in the fewest acceptors.
            var seats = Seats(_acceptors.Length)[1..];
            yield return ("reconfigure", With(_left with { Reconfigurations = 0 }, _messages).Touch(0, proposer => proposer.TryReconfigure(0, seats)));
        }

        for (var i = 0; _left.Ticks > 0 && i < _proposers.Length; i++)
        {
            if (_proposers[i].Part.Proposer.NextDeadline < long.MaxValue)
            {
                yield return ($"tick p{i}", With(_left with { Ticks = _left.Ticks - 1 }, _messages).Touch(i, proposer => proposer.OnTick(proposer.NextDeadline)));
            }
        }
    }

    private static ImmutableArray<AcceptorId> Seats(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new AcceptorId(new NodeId((ulong)i + 101), Incarnation))];

    private ExploredWorld With(ExplorationBounds left, ImmutableList<ExploredMessage> messages) => new(left, _acceptors, _proposers, messages, _votes, _chosen);

    private bool Has(ImmutableArray<(ExploredAcceptor Part, ulong Hash)> acceptors) => _acceptors.Select(part => part.Hash).SequenceEqual(acceptors.Select(part => part.Hash));

    private bool Has(ImmutableArray<(ExploredProposer Part, ulong Hash)> proposers) => _proposers.Select(part => part.Hash).SequenceEqual(proposers.Select(part => part.Hash));

    private ExploredWorld Deliver(ExploredMessage message, out AcceptorReply reply)
    {
        var acceptor = EngineState.Copy(_acceptors[message.Acceptor].Part);
        reply = acceptor.Handle(message.Request);
        var world = new ExploredWorld(_left, _acceptors.SetItem(message.Acceptor, (acceptor, acceptor.Hash())), _proposers, _messages, _votes, _chosen);
        var held = acceptor.Port.Acceptor;
        return (message.Request, reply) switch
        {
            (Accept accept, Accepted) => world.Vote(message.Acceptor, accept.Ballot, held.Value!),
            (Install { Accepted.IsNone: false } install, Installed) when held.AcceptedBallot == install.Accepted => world.Vote(message.Acceptor, install.Accepted, held.Value!),
            _ => world,
        };
    }

    /// <summary>Lets a proposer do something, and carries out what it wants done.</summary>
    private ExploredWorld Touch(int index, Action<Proposer> action)
    {
        var part = EngineState.Copy(_proposers[index].Part);
        action(part.Proposer);
        while (true)
        {
            if (part.Proposer.Waiting == 0 && part.Asked < _left.Operations)
            {
                var text = Encoding.ASCII.GetBytes($"{index}.{++part.Asked}");
                var change = new Change(new ChangeId(new NodeInstance(new NodeId((ulong)index + 1), 1), (ulong)part.Asked), 1, text);
                part.Proposer.Submit(0, part.Asked, change, long.MaxValue, insist: true);
            }
            else if (part.Proposer.NextDeadline <= 1)
            {
                part.Proposer.OnTick(1); // its pause is over at once
            }
            else
            {
                break;
            }
        }

        var messages = _messages.AddRange(part.Outbox.Requests.Select(request => new ExploredMessage(index, (int)request.To.Node.LowBits - 101, request)));
        foreach (var settled in part.Outbox.Settled)
        {
            Check(settled);
            _left.Note(index, settled);
        }

        part.Outbox.Clear();
        return new ExploredWorld(_left, _acceptors, _proposers.SetItem(index, (part, part.Hash())), messages, _votes, _chosen);
    }

    private void Check(Settled settled)
    {
        if (settled.Verdict == Verdict.Decided && (!_chosen.TryGetValue(settled.Value!.Position.Revision, out var chosen) || chosen.Position != settled.Value.Position))
        {
            throw new ViolationException(Rule, $"a change was called decided with {settled.Value!.Position}, which was not chosen");
        }
    }

    private ExploredWorld Vote(int acceptor, Ballot ballot, RegisterValue value)
    {
        var key = (value.Configuration.Epoch, ballot, value.Position);
        var voters = _votes.GetValueOrDefault(key) | (1 << acceptor);
        var votes = _votes.SetItem(key, voters);
        var isChosen = System.Numerics.BitOperations.PopCount((uint)voters) >= value.Configuration.Majority;
        var chosen = isChosen ? Choose(_chosen, value) : _chosen;
        if (isChosen && value.Next is not null)
        {
            chosen = Choose(chosen, value.Open());
        }

        return new ExploredWorld(_left, _acceptors, _proposers, _messages, votes, chosen);
    }

    /// <summary>Chosen values are one for each revision, and each one holds all that was chosen before it.</summary>
    private static ImmutableDictionary<long, RegisterValue> Choose(ImmutableDictionary<long, RegisterValue> chosen, RegisterValue value)
    {
        foreach (var (revision, other) in chosen)
        {
            var (older, newer) = revision < value.Position.Revision ? (other, value) : (value, other);
            if ((revision == value.Position.Revision && other.Position != value.Position) || !((Notes)newer.State).Texts.AsSpan().StartsWith(((Notes)older.State).Texts.AsSpan()))
            {
                throw new ViolationException(Rule, $"{older.Position} of {older.Configuration.Epoch} holds {string.Join(' ', ((Notes)older.State).Texts)}, {newer.Position} of {newer.Configuration.Epoch} holds {string.Join(' ', ((Notes)newer.State).Texts)}, and both were chosen");
            }
        }

        return chosen.SetItem(value.Position.Revision, value);
    }
}

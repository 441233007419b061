using System.Collections.Immutable;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>All values that were ever seen, and how one came of another: to tell whether one holds all that another holds.</summary>
internal sealed class ChosenValues
{
    private readonly Dictionary<Position, RegisterValue> _values = [];
    private readonly Dictionary<Position, Position> _before = [];

    public RegisterValue this[Position position] => _values[position];

    /// <summary>Learns of a value that a proposer made of another one.</summary>
    public void Add(RegisterValue value, Position? before)
    {
        if (_values.TryAdd(value.Position, value) && value.Next is not null)
        {
            Add(value.Open(), value.Position);
        }

        if (before is { } from && from != value.Position)
        {
            _before[value.Position] = from;
        }
    }

    /// <summary>Whether a value is another one, or came before it. A value that is not what its position says is neither.</summary>
    public bool IsIn(RegisterValue value, RegisterValue newer)
    {
        if (!_values.TryGetValue(value.Position, out var known) || !Texts(known).SequenceEqual(Texts(value)) || !Texts(newer).StartsWith(Texts(value)))
        {
            return false;
        }

        var at = newer.Position;
        while (at != value.Position)
        {
            if (!_before.TryGetValue(at, out at))
            {
                return false;
            }
        }

        return true;
    }

    public static ReadOnlySpan<string> Texts(RegisterValue value) => ((Notes)value.State).Texts.AsSpan();
}

/// <summary>Acceptors, as bits, that accepted a value in a ballot.</summary>
internal readonly record struct OpenVote(Ballot Ballot, RegisterValue Value, int Voters)
{
    public bool IsFor(in OpenVote other) => Ballot == other.Ballot && Value.Position == other.Value.Position && Value.Configuration.Epoch == other.Value.Configuration.Epoch
        && ChosenValues.Texts(Value).SequenceEqual(ChosenValues.Texts(other.Value));
}

/// <summary>What was chosen: the latest value, which holds all that was chosen before it, and who voted for what else. Immutable.</summary>
internal sealed record ChosenSoFar(RegisterValue Latest, ImmutableArray<OpenVote> Open)
{
    /// <summary>Counts a vote. A value that a majority accepted is chosen, and must hold all that was chosen before.</summary>
    public ChosenSoFar Count(ChosenValues values, in OpenVote vote, bool forgets)
    {
        if (forgets && values.IsIn(vote.Value, Latest))
        {
            return this; // chosen already, as itself or as a part
        }

        var open = Open;
        var counted = vote;
        for (var i = 0; i < open.Length; i++)
        {
            if (open[i].IsFor(vote))
            {
                counted = open[i] with { Voters = open[i].Voters | vote.Voters };
                open = open.RemoveAt(i);
                break;
            }
        }

        open = open.Add(counted);
        var value = vote.Value;
        if (int.PopCount(counted.Voters) < value.Configuration.Majority)
        {
            return this with { Open = open };
        }

        var latest = Latest;
        if (!values.IsIn(value, Latest))
        {
            if (!values.IsIn(Latest, value) || ChosenValues.Texts(value).ToArray().Distinct().Count() != ChosenValues.Texts(value).Length)
            {
                throw new ViolationException(ExploredWorld.Rule, $"{Describe(Latest)} and {Describe(value)} were both chosen");
            }

            latest = value.Next is null ? value : value.Open();
        }

        return new ChosenSoFar(latest, forgets ? open.RemoveAll(other => values.IsIn(other.Value, latest)) : open);
    }

    private static string Describe(RegisterValue value) => $"{value.Position} of epoch {value.Configuration.Epoch} with {string.Join(' ', ChosenValues.Texts(value)!)}";
}

using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>
/// Watches every vote that leaves an acceptor. Values that a majority voted for must form one chain: one value for each revision, one opening for each
/// epoch, one incarnation for each list of founders.
/// </summary>
internal sealed class ChosenChain
{
    public const string Rule = "one-chain";

    private readonly Dictionary<(RegisterId Register, Ballot Ballot, Position Position), HashSet<AcceptorId>> _votes = [];
    private readonly Dictionary<(RegisterId Register, Ballot Ballot), Position> _proposals = [];
    private readonly Dictionary<long, Position> _chosen = [];
    private readonly SortedDictionary<long, Configuration> _configurations = [];
    private readonly Dictionary<(RegisterId Register, long Revision), Position> _first = [];
    private readonly HashSet<(RegisterId Register, long Revision)> _split = [];
    private Guid _incarnation;

    /// <summary>The configurations that were chosen, the latest last.</summary>
    public IEnumerable<Configuration> Configurations => _configurations.Values;

    public long Epoch => _configurations.Count == 0 ? 0 : _configurations.Keys.Last();

    public Configuration? Latest => _configurations.Count == 0 ? null : _configurations.Values.Last();

    /// <summary>How many values were chosen.</summary>
    public int Count => _chosen.Count;

    /// <summary>For how many revisions the votes were split, between two values or more.</summary>
    public int Splits => _split.Count;

    /// <summary>Counts a vote of an acceptor for what it holds.</summary>
    public void Vote(AcceptorId seat, RegisterId register, Ballot ballot, RegisterValue value)
    {
        var position = value.Position;
        if (!_proposals.TryAdd((register, ballot), position) && _proposals[(register, ballot)] != position)
        {
            throw new ViolationException(Rule, $"ballot {ballot} of {register} stands for {_proposals[(register, ballot)]} and for {position}");
        }

        if (!_first.TryAdd((register, position.Revision), position) && _first[(register, position.Revision)] != position)
        {
            _split.Add((register, position.Revision));
        }

        if (!_votes.TryGetValue((register, ballot, position), out var voters))
        {
            _votes[(register, ballot, position)] = voters = [];
        }

        voters.Add(seat);
        if (voters.Count != value.Configuration.Majority)
        {
            return;
        }

        if (!_chosen.TryAdd(position.Revision, position) && _chosen[position.Revision] != position)
        {
            throw new ViolationException(Rule, $"{_chosen[position.Revision]} and {position} were chosen, the latter in ballot {ballot} of {register}");
        }

        if (!value.Lineage.IsNone && _incarnation != value.Lineage.Incarnation)
        {
            if (_incarnation != Guid.Empty)
            {
                throw new ViolationException(Rule, $"incarnations {_incarnation} and {value.Lineage.Incarnation} were founded");
            }

            _incarnation = value.Lineage.Incarnation;
        }

        if (value.Next is { } next)
        {
            if (_configurations.TryGetValue(next.Epoch, out var other) && !other.Equals(next))
            {
                throw new ViolationException(Rule, $"{other} and {next} were sealed");
            }

            _configurations[next.Epoch] = next;
            var opening = value.Open().Position;
            if (!_chosen.TryAdd(opening.Revision, opening) && _chosen[opening.Revision] != opening)
            {
                throw new ViolationException(Rule, $"{_chosen[opening.Revision]} was chosen, and {opening} opens epoch {next.Epoch}");
            }
        }
    }
}

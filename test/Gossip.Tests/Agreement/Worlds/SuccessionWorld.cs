using System.Globalization;
using Gossip.Agreement;
using Gossip.Node;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement.Worlds;

/// <summary>
/// A cluster whose nodes lose their stores, stop, are cut off from each other and are recovered by an operator, as a seed has it, while a client at each of them writes and reads. What docs/agreement.md does not promise
/// does not happen here: nobody forgets behind a cut, or where nobody is left that remembers; seats are not in motion when nodes go away for long; and the operator keeps to the runbook.
/// </summary>
internal sealed class SuccessionWorld
{
    private const int Nodes = 6;
    private const int Founders = 3;
    private const double Slice = 0.05;
    private const double CallSeconds = 5;
    private const int Turns = 24;

    private readonly SeededRandom _random;
    private readonly EngineCluster _cluster;
    private readonly FoundingPlan _plan;
    private readonly bool[] _isDurable = new bool[Nodes];
    private readonly SuccessionClient[] _clients = new SuccessionClient[Nodes];
    private readonly HashSet<int> _writtenOff = [];
    private bool _isCut;

    private SuccessionWorld(ulong seed)
    {
        _random = new SeededRandom(seed);
        _cluster = new EngineCluster(seed);
        _plan = _random.Next(2) == 0 ? Listed(Founders) : Expected(2, Founders);
        var disks = _random.Next(Nodes + 1); // none, some or all have one
        for (var node = 0; node < Nodes; node++)
        {
            _isDurable[node] = _random.Next(Nodes) < disks;
            _clients[node] = new SuccessionClient(_cluster, History, node);
        }
    }

    public SuccessionHistory History { get; } = new();

    public int Forgotten { get; private set; }

    public int Restarts { get; private set; }

    public int Stops { get; private set; }

    public int Cuts { get; private set; }

    public int Recoveries { get; private set; }

    public int Superseded { get; private set; }

    private double Seconds => TimeSpan.FromTicks(_cluster.Now).TotalSeconds;

    /// <summary>All know who votes.</summary>
    private bool IsCalm => Running.Select(node => (_cluster[node].Engine.Lineage, _cluster[node].Engine.Configuration)).Distinct().Count() == 1;

    private IEnumerable<int> Running => Enumerable.Range(0, Nodes).Where(IsRunning);

    public static SuccessionWorld Play(ulong seed)
    {
        var world = new SuccessionWorld(seed);
        world.Play();
        return world;
    }

    private void Play()
    {
        for (var node = 0; node < Nodes; node++)
        {
            Start(node);
        }

        Run(10);
        for (var turn = 0; turn < Turns && History.Violation is null; turn++)
        {
            Happen();
            Run(_random.Next(3) == 0 ? _random.Next(100) : _random.NextDouble() * 8);
        }

        if (History.Violation is null)
        {
            End();
        }
    }

    private void Happen()
    {
        switch (_random.Next(10))
        {
            case < 3:
                Forget([.. Some(Running, _random.Next(3) == 0 ? Founders : 2)]);
                break;
            case < 5:
                Restart([.. Some(Running.Where(node => _isDurable[node]), 3)]);
                break;
            case < 7:
                StopSome([.. Some(Running, 3)]);
                break;
            case 7:
                CutOrHeal();
                break;
            case 8:
                Return();
                break;
            default:
                Recover();
                break;
        }
    }

    /// <summary>Nodes come back without what they had stored, all at once.</summary>
    private void Forget(int[] nodes)
    {
        if (_isCut || !Running.Except(nodes).Any(Remembers))
        {
            return;
        }

        Say($"{string.Join(' ', nodes)} forget");
        foreach (var node in nodes)
        {
            _isDurable[node] = false;
            Start(node);
            Forgotten++;
        }
    }

    /// <summary>With what they have stored. What only they had read is forgotten, so either another has, too, or the disks of those who vote have it.</summary>
    private void Restart(int[] nodes)
    {
        var isOnDisk = IsCalm && _cluster.Members.Values.All(member => !member.Engine.HasSeat || _isDurable[member.Node]);
        if (nodes.Length == 0 || !(isOnDisk || Running.Except(nodes).Any(Remembers)))
        {
            return;
        }

        Say($"{string.Join(' ', nodes)} restart");
        foreach (var node in nodes)
        {
            Start(node);
            Restarts++;
        }
    }

    private void StopSome(int[] nodes)
    {
        if (_isCut || !IsCalm || !Running.Except(nodes).Any(Remembers))
        {
            return;
        }

        Say($"{string.Join(' ', nodes)} stop");
        foreach (var node in nodes)
        {
            _cluster.Stop(node, !_isDurable[node] && _random.Next(2) == 0 ? PeerPresence.Left : PeerPresence.Dead);
            _clients[node].Forget();
            Stops++;
        }
    }

    private void CutOrHeal()
    {
        if (_isCut)
        {
            Heal();
        }
        else if (_writtenOff.Count == 0 && IsCalm && Running.Count(Remembers) == Nodes)
        {
            int[] side = [.. Some(Enumerable.Range(0, Nodes), Nodes - 1)];
            Say($"{string.Join(' ', side)} are cut off");
            _cluster.Cut(side, [.. Enumerable.Range(0, Nodes).Except(side)]);
            _isCut = true;
            Cuts++;
        }
    }

    private void Heal()
    {
        Say("healed");
        _cluster.Heal();
        _isCut = false;
    }

    /// <summary>Some that had stopped come back; those that an operator wrote off only one by one, and when there is somebody to tell them.</summary>
    private void Return()
    {
        int[] stopped = [.. Enumerable.Range(0, Nodes).Where(node => !IsRunning(node))];
        if (_isCut || stopped.Length == 0 || !Running.Any(node => !_cluster[node].Engine.Lineage.IsNone))
        {
            return;
        }

        int[] nodes = _writtenOff.Count > 0 ? stopped[..1] : [.. Some(stopped, 3)];
        Say($"{string.Join(' ', nodes)} come back");
        foreach (var node in nodes)
        {
            Start(node);
        }

        if (_writtenOff.Overlaps(nodes))
        {
            Run(10);
            _writtenOff.ExceptWith(nodes);
        }
    }

    /// <summary>The runbook: those that cannot be reached are stopped, so the others may go on without them.</summary>
    private void Recover()
    {
        var voters = Running.Where(node => _cluster[node].Engine.HasSeat || Remembers(node)).ToList();
        if (_isCut || _writtenOff.Count > 0 || voters.Count == 0 || HasMajority())
        {
            return;
        }

        var node = voters[_random.Next(voters.Count)];
        var ticket = _cluster.Recover(node);
        Run(20);
        var survey = _cluster.Surveys.Find(told => told.Ticket == ticket);
        Say($"{node} recovers: {survey?.Refusal ?? "done"}");
        if (survey is { Refusal: null })
        {
            Recoveries++;
            _writtenOff.UnionWith(Enumerable.Range(0, Nodes).Where(other => !IsRunning(other)));
        }
    }

    /// <summary>All is well again; then all agree, and every call comes true.</summary>
    private void End()
    {
        Heal();
        for (var i = 0; i < Nodes; i++)
        {
            Return();
            Run(5);
        }

        if (!TryAgree(200))
        {
            Recover();
            TryAgree(200);
        }

        var since = Seconds;
        Run(4 * CallSeconds);
        foreach (var node in Running.Where(node => _clients[node].SucceededAt < since))
        {
            if (_cluster[node].Engine.Supersession() is null)
            {
                History.Break($"{node} is not served: {_cluster[node].Engine.Diagnosis(_cluster.Now)}");
            }

            Superseded++;
        }
    }

    private bool TryAgree(double seconds)
    {
        for (var end = Seconds + seconds; Seconds < end;)
        {
            Run(2);
            if (History.Violation is not null || (HasMajority() && Running.Select(node => _cluster[node].Engine.Lineage).Distinct().Count() == 1))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasMajority() => Running.Any(node => _clients[node].SucceededAt > Seconds - (2 * CallSeconds));

    private void Start(int node)
    {
        _clients[node].Forget();
        _cluster.Start(node, node < Founders ? _plan : FoundingPlan.Never, _isDurable[node]);
    }

    private void Run(double seconds)
    {
        for (var end = Seconds + seconds; Seconds < end && History.Violation is null;)
        {
            _cluster.Run(Slice);
            foreach (var node in Running)
            {
                _clients[node].Go(Seconds, CallSeconds, _random);
                Look(node);
            }
        }
    }

    /// <summary>Once a member belongs to a successor, all that members had seen that lived on until then is owed.</summary>
    private void Look(int node)
    {
        var lineage = _cluster[node].Engine.Lineage;
        if (!History.IsNew(lineage))
        {
            return;
        }

        Say($"{node} is of {lineage}");
        if (lineage.Ordinal > 0 && !_isCut)
        {
            History.Inherits(lineage.Ordinal, Running.SelectMany(other => _clients[other].Seen?.Rows.Keys ?? []).Distinct());
        }
    }

    private bool IsRunning(int node) => _cluster.Members.GetValueOrDefault(node)?.IsRunning == true;

    /// <summary>It has seen the table in this life.</summary>
    private bool Remembers(int node) => _clients[node].Seen is not null;

    private IEnumerable<int> Some(IEnumerable<int> of, int most)
    {
        var left = of.ToList();
        for (var count = 1 + _random.Next(most); count > 0 && left.Count > 0; count--)
        {
            var at = _random.Next(left.Count);
            yield return left[at];
            left.RemoveAt(at);
        }
    }

    private void Say(string what) => History.Note(string.Create(CultureInfo.InvariantCulture, $"{Seconds - 3600:F1} {what}"));
}

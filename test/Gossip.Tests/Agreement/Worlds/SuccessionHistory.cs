using Gossip.Agreement;
using Gossip.Tables;

namespace Gossip.Tests.Agreement.Worlds;

/// <summary>
/// What clients were told over a chain of registers, checked as it comes: rows are only ever added here, so each version, and each read, must hold what came before it in the same register, and what
/// members had seen of the one before.
/// </summary>
internal sealed class SuccessionHistory
{
    private readonly Dictionary<int, string> _written = [];
    private readonly Dictionary<int, HashSet<string>> _inherited = [];
    private readonly Dictionary<Guid, Lineage> _registers = [];
    private readonly List<string> _order = [];

    /// <summary>What broke a rule first, in words; null when nothing did.</summary>
    public string? Violation { get; private set; }

    public int Writes => _written.Count;

    public int Reads { get; private set; }

    public int Successors => _registers.Count - 1;

    /// <summary>The highest version that anybody was told of.</summary>
    public int Highest { get; private set; }

    /// <summary>A member belongs to a register. Of each there is one at most, and one successor.</summary>
    public bool IsNew(Lineage lineage)
    {
        if (lineage.IsNone || !_registers.TryAdd(lineage.Incarnation, lineage))
        {
            return false;
        }

        if (_registers.Values.FirstOrDefault(other => other.Ordinal == lineage.Ordinal && other.Incarnation != lineage.Incarnation) is { IsNone: false } rival)
        {
            Break($"{lineage} stands beside {rival}");
        }

        return true;
    }

    /// <summary>A register must begin with at least these rows.</summary>
    public void Inherits(int ordinal, IEnumerable<string> keys) => _inherited[ordinal] = [.. keys];

    /// <summary>A row was added, and its client answered, who began when <paramref name="before"/> was the highest version that anybody had been told of.</summary>
    public void Wrote(string key, int version, int before)
    {
        if (version <= before)
        {
            Break($"{key} was written as version {version} after version {before} had been told of");
        }

        if (!_written.TryAdd(version, key))
        {
            Break($"{key} and {_written[version]} were both written as version {version}");
        }

        Highest = Math.Max(Highest, version);
    }

    public void Read(TableState table, int before)
    {
        Reads++;
        var version = table.Version.Number;
        if (version < before)
        {
            Break($"version {version} was read after version {before} had been told of");
        }

        var ordinal = OrdinalOf(version);
        if (_written.FirstOrDefault(row => row.Key <= version && OrdinalOf(row.Key) == ordinal && !table.Rows.ContainsKey(row.Value)) is { Value: { } lost })
        {
            Break($"{lost} was written and is not in version {version}");
        }

        if (_inherited.GetValueOrDefault(ordinal)?.FirstOrDefault(key => !table.Rows.ContainsKey(key)) is { } forgotten)
        {
            Break($"{forgotten} was seen by a member that lived on, and is not in version {version}");
        }

        Highest = Math.Max(Highest, version);
    }

    public void Note(string what) => _order.Add(what);

    public void Break(string rule) => Violation ??= $"{rule}; before that: {string.Join("; ", _order)}";

    /// <summary>Each successor jumps over more versions than any of these worlds comes to.</summary>
    private static int OrdinalOf(int version) => version / TableState.SuccessorJump;
}

using System.Text;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>
/// Whether a history could have come from one table that does one thing after the other. Versions are unique and contiguous, so one look at each
/// operation is enough: whoever made a version is known from its answer, or from the rows that others saw.
/// </summary>
internal static class TableHistoryCheck
{
    public const string DoubleWinner = "double-winner";
    public const string TornRead = "torn-read";
    public const string LostWrite = "lost-write";
    public const string StaleRead = "stale-read";
    public const string SkippedVersion = "skipped-version";
    public const string Causality = "causality";

    public static void Check(IReadOnlyList<TableOperation> history)
    {
        var makers = Winners(history);
        var contents = Contents(history);
        Explain(history, makers, contents);
        CheckContents(history, makers, contents);
        CheckOrder(history, makers);
        CheckNumbers(history, makers);
    }

    /// <summary>The first commit alone may jump, to the floor that its node gave it; from then on numbers rise by one with each.</summary>
    private static void CheckNumbers(IReadOnlyList<TableOperation> history, Dictionary<int, TableOperation> makers)
    {
        int? jump = makers.TryGetValue(1, out var first) && first.Kind == TableOperationKind.Insert ? Math.Max(first.Floor - 1, 0) : null;
        foreach (var operation in history.Where(operation => operation.Seen is not null || operation.IsCommit))
        {
            var version = operation.Seen?.Version ?? operation.Result.Version;
            if (version.Stamp > 0 && version.Number != (jump ??= version.Number - StampOf(version)) + StampOf(version))
            {
                throw new ViolationException(SkippedVersion, $"{operation} is not {jump} above its place, as others are");
            }
        }
    }

    /// <summary>Who made each version, as far as answers tell.</summary>
    private static Dictionary<int, TableOperation> Winners(IReadOnlyList<TableOperation> history)
    {
        var makers = new Dictionary<int, TableOperation>();
        foreach (var commit in history.Where(operation => operation.IsCommit))
        {
            if (!makers.TryAdd(StampOf(commit.Result.Version), commit))
            {
                throw new ViolationException(DoubleWinner, $"{makers[StampOf(commit.Result.Version)]} and {commit}");
            }

            var isConditional = commit.Kind is TableOperationKind.Insert or TableOperationKind.Update;
            if (isConditional && StampOf(commit.Result.Version) != StampOf(commit.Expected) + 1)
            {
                throw new ViolationException(SkippedVersion, commit.ToString());
            }
        }

        return makers;
    }

    /// <summary>What was seen of each version.</summary>
    private static SortedDictionary<int, TableState> Contents(IReadOnlyList<TableOperation> history)
    {
        var contents = new SortedDictionary<int, TableState>();
        foreach (var read in history.Where(operation => operation.Seen is not null))
        {
            var seen = read.Seen!;
            if (contents.TryAdd(StampOf(seen.Version), seen))
            {
                continue;
            }

            var other = contents[StampOf(seen.Version)];
            if (!ReferenceEquals(other, seen) && (other.Version != seen.Version || !other.Rows.SequenceEqual(seen.Rows)))
            {
                throw new ViolationException(TornRead, $"version {StampOf(seen.Version)} was seen with two contents, at last by {read}");
            }
        }

        return contents;
    }

    /// <summary>Finds who made the versions that nobody was told of; there can be no more of those than changes without an answer.</summary>
    private static void Explain(IReadOnlyList<TableOperation> history, Dictionary<int, TableOperation> makers, SortedDictionary<int, TableState> contents)
    {
        var byValue = history.Where(operation => operation.Value.Length > 0).ToDictionary(operation => operation.Value);
        foreach (var table in contents.Values)
        {
            foreach (var (key, row) in table.Rows)
            {
                if (!byValue.TryGetValue(Encoding.UTF8.GetString(row.Value.Span), out var writer) || writer.Key != key)
                {
                    throw new ViolationException(TornRead, $"nobody wrote {key} of version {StampOf(table.Version)}");
                }

                if (writer.IsAnswered && !writer.IsCommit)
                {
                    throw new ViolationException(LostWrite, $"{writer} was refused, and yet it happened");
                }

                if (!makers.TryAdd((int)row.Stamp, writer) && makers[(int)row.Stamp] != writer)
                {
                    throw new ViolationException(DoubleWinner, $"{makers[(int)row.Stamp]} and {writer}");
                }
            }
        }

        var last = Math.Max(contents.Count == 0 ? 0 : contents.Keys.Last(), makers.Count == 0 ? 0 : makers.Keys.Max());
        var known = makers.Values.ToHashSet();
        var unexplained = Enumerable.Range(1, last).Count(version => !makers.ContainsKey(version));
        var unanswered = history.Count(operation => !operation.IsAnswered && operation.Kind != TableOperationKind.Read && !known.Contains(operation));
        if (unexplained > unanswered)
        {
            throw new ViolationException(SkippedVersion, $"{unexplained} versions up to {last} were made by nobody, and only {unanswered} changes have no answer");
        }
    }

    /// <summary>What was written is there in each later version, until something else was written or it was removed.</summary>
    private static void CheckContents(IReadOnlyList<TableOperation> history, Dictionary<int, TableOperation> makers, SortedDictionary<int, TableState> contents)
    {
        var removals = history.Where(operation => operation.Kind == TableOperationKind.Remove).ToLookup(operation => (operation.Key, operation.RowStamp));
        var byKey = makers.ToLookup(maker => maker.Value.Key, maker => maker.Key);
        HashSet<(string Key, long Made)> removed = []; // what is removed in one version is so in all later ones, in whose order they are looked at
        foreach (var (version, table) in contents)
        {
            foreach (var (made, writer) in makers)
            {
                if (made > version || writer.Kind is TableOperationKind.Read)
                {
                    continue;
                }

                var isThere = table.Rows.TryGetValue(writer.Key, out var row);
                if (writer.Kind == TableOperationKind.Remove)
                {
                    if (isThere && row!.Stamp == writer.RowStamp)
                    {
                        throw new ViolationException(LostWrite, $"{writer} is undone in version {version}");
                    }
                }
                else if (isThere ? row!.Stamp < made : !IsRemoved(writer.Key, made, version))
                {
                    throw new ViolationException(LostWrite, $"{writer} is missing in version {version}");
                }
            }
        }

        // A row that is gone was removed at its last stamp: by somebody who was told so for a version in between, or who was told nothing.
        bool IsRemoved(string key, long made, int version) => removed.Contains((key, made)) || (IsRemovedNow(key, made, version) && removed.Add((key, made)));

        bool IsRemovedNow(string key, long made, int version) => byKey[key]
            .Where(stamp => stamp >= made && stamp <= version)
            .Select(stamp => (long)stamp)
            .Append(made)
            .SelectMany(stamp => removals[(key, stamp)])
            .Any(removal => !removal.IsAnswered || (removal.IsCommit && StampOf(removal.Result.Version) > made && StampOf(removal.Result.Version) <= version));
    }

    /// <summary>Nothing is answered before it is asked, and who asks later learns no less.</summary>
    private static void CheckOrder(IReadOnlyList<TableOperation> history, Dictionary<int, TableOperation> makers)
    {
        var answers = history.Where(operation => operation.Seen is not null || operation.IsCommit).OrderBy(operation => operation.Ended).ToList();
        var next = 0;
        TableOperation? newest = null;
        foreach (var operation in history)
        {
            for (; next < answers.Count && answers[next].Ended < operation.Begun; next++)
            {
                newest = newest is null || Version(answers[next]) > Version(newest) ? answers[next] : newest;
            }

            if (newest is not null && operation.Seen is not null && Version(operation) < Version(newest))
            {
                throw new ViolationException(StaleRead, $"{operation} began after {newest}");
            }

            if (newest is not null && operation.IsCommit && Version(operation) <= Version(newest))
            {
                throw new ViolationException(Causality, $"{operation} began after {newest}");
            }

            var version = operation.Seen is not null || operation.IsCommit ? Version(operation) : 0;
            if (version > 0 && makers.TryGetValue(version, out var maker) && maker.Begun > operation.Ended)
            {
                throw new ViolationException(Causality, $"{operation} saw what {maker} made later");
            }

            if (operation.IsAnswered && operation.Result.Outcome == TableOutcome.Lost && operation.Kind is TableOperationKind.Insert or TableOperationKind.Update)
            {
                CheckLost(operation, makers);
            }
        }
    }

    /// <summary>Who was told that another was faster: there must have been another.</summary>
    private static void CheckLost(TableOperation loser, Dictionary<int, TableOperation> makers)
    {
        if (!loser.IsAnswered || loser.Result.Outcome != TableOutcome.Lost)
        {
            return;
        }

        if (StampOf(loser.Result.Version) <= StampOf(loser.Expected))
        {
            throw new ViolationException(Causality, $"{loser} lost against nobody");
        }

        if (makers.TryGetValue(StampOf(loser.Expected) + 1, out var winner) && (winner == loser || winner.Begun > loser.Ended))
        {
            throw new ViolationException(Causality, $"{loser} lost against {winner}");
        }
    }

    private static int Version(TableOperation operation) => StampOf(operation.Seen?.Version ?? operation.Result.Version);

    /// <summary>Which commit made a version. That counts from one, wherever the first version is.</summary>
    private static int StampOf(TableVersion version) => (int)version.Stamp;
}

using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gossip.Simulation.Registers;
using Gossip.Tables;
using Node;

namespace Gossip.Containers.Tests.Histories;

/// <summary>What nodes wrote down of their use of the table, as the simulator's check reads it.</summary>
internal static class ReportedHistory
{
    /// <summary>Reads the histories of all lives of all nodes as one.</summary>
    public static IReadOnlyList<TableOperation> Read(IEnumerable<string[]> lives)
    {
        var history = new TableHistory();
        var begun = lives.SelectMany(static (lines, life) => lines
            .Select(static line => JsonSerializer.Deserialize<HistoryLine>(line, JsonSerializerOptions.Web)!)
            .GroupBy(static line => line.Number)
            .Select(operation => (Life: life, Asked: operation.First(), Answered: operation.FirstOrDefault(static line => line.Ended is not null))));
        foreach (var (life, asked, answered) in begun.OrderBy(static operation => operation.Asked.Begun))
        {
            var kind = Enum.Parse<TableOperationKind>(asked.Kind);
            var operation = history.Begin(life, kind, asked.Begun);
            operation.Ended = answered?.Ended ?? long.MaxValue;
            if (kind == TableOperationKind.Read)
            {
                operation.Seen = answered is null ? null : Table(answered);
                continue;
            }

            operation.Expected = new TableVersion(asked.Version, asked.Etag);
            (operation.Key, operation.Value, operation.RowStamp) = (asked.Key!, asked.Value!, asked.RowEtag is null ? 0 : TableEtag.Parse(asked.RowEtag));
            if (answered is not null)
            {
                // Who won made the next version; who lost lost against whoever made it.
                var next = new TableVersion(asked.Version + 1, operation.Expected.Stamp + 1);
                operation.Result = new TableResult(answered.Won == true ? TableOutcome.Done : TableOutcome.Lost, next);
            }
        }

        return history.Operations;
    }

    private static TableState Table(HistoryLine read) => new()
    {
        Version = new TableVersion(read.Version, read.Etag),
        Rows = read.Rows!.ToImmutableSortedDictionary(
            static row => row.Key, static row => new StoredRow(Encoding.UTF8.GetBytes(row.Value), TableEtag.Parse(row.Etag), IsTerminal: false), StringComparer.Ordinal),
    };
}

using System.Text;
using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;

namespace Gossip.Tests.Agreement.Worlds;

/// <summary>A client at one node, that reads the table and adds a row to it, over and over.</summary>
internal sealed class SuccessionClient(EngineCluster cluster, SuccessionHistory history, int node)
{
    private const double LongestPause = 3;

    private long _ticket;
    private string? _key;
    private int _before;
    private int _rows;
    private double _goesOnAt;

    /// <summary>The latest table that this life of the node knows to be chosen.</summary>
    public TableState? Seen { get; private set; }

    public double SucceededAt { get; private set; } = double.MinValue;

    /// <summary>The node stopped: what its call came to nobody hears.</summary>
    public void Forget()
    {
        (_ticket, _key, Seen) = (0, null, null);
    }

    public void Go(double seconds, double patience, SeededRandom random)
    {
        if (_ticket == 0)
        {
            if (seconds >= _goesOnAt)
            {
                _before = history.Highest;
                _ticket = cluster.BeginRead(node, patience);
            }

            return;
        }

        var at = cluster.Results.FindIndex(result => result.Ticket == _ticket);
        if (at < 0)
        {
            return;
        }

        var answer = cluster.Results[at];
        cluster.Results.RemoveAt(at);
        SucceededAt = answer.Status == ClientStatus.Done ? seconds : SucceededAt;
        if (_key is null && answer is { Status: ClientStatus.Done, Value.State: TableState table })
        {
            history.Read(table, _before);
            Seen = table;
            _key = $"{node}-{++_rows}";
            _before = history.Highest;
            _ticket = cluster.BeginChange(node, TableFormat.Encode(new InsertRow(table.Version, _key, Encoding.UTF8.GetBytes(_key), IsTerminal: false, Floor: 0)), patience);
            return;
        }

        if (_key is not null && answer.Status == ClientStatus.Done && TableFormat.TryReadResult(answer.Result.Span, out var result) && result.Outcome == TableOutcome.Done)
        {
            history.Wrote(_key, result.Version.Number, _before);
        }

        (_ticket, _key, _goesOnAt) = (0, null, seconds + (random.NextDouble() * LongestPause));
    }
}

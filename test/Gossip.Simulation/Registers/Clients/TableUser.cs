using Gossip.Agreement;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>One user of the table: reads, and tries to change what it read, again and again.</summary>
internal sealed class TableUser(RegisterWorld world, RegisterNode node, NodeClient client, int number)
{
    private const double UpdateChance = 0.6;
    private const double RemoveChance = 0.08;
    private const double ReadOnlyChance = 0.25;
    private static readonly TimeSpan ThinkMax = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private int _changes;

    /// <summary>How many changes and reads were answered.</summary>
    public int Answered { get; private set; }

    private int Index => (number * world.Nodes.Count) + node.Index;

    public void Begin() => Think();

    private void Think()
    {
        var life = node.Life;
        world.After(world.Between(TimeSpan.Zero, ThinkMax), () => node.Receive(life, _ => Read()));
    }

    private void Read()
    {
        var operation = world.History.Begin(Index, TableOperationKind.Read, world.Now);
        client.Read(Patience, result =>
        {
            if (result.Status != ClientStatus.Done)
            {
                GiveUp();
                return;
            }

            world.Counts.Count(Happening.Read);
            Answered++;
            var table = (TableState)result.Value!.State;
            (operation.Ended, operation.Seen) = (world.Now, table);
            if (world.Chance(ReadOnlyChance))
            {
                Think();
            }
            else
            {
                Change(table);
            }
        });
    }

    private void Change(TableState table)
    {
        var change = Draw(table, out var operation);
        client.Change(TableFormat.Encode(change), Patience, answer =>
        {
            if (answer.Status != ClientStatus.Done)
            {
                GiveUp();
                return;
            }

            if (!TableFormat.TryReadResult(answer.Result.Span, out var result))
            {
                throw new ViolationException("codec", "a result cannot be read");
            }

            Answered++;
            world.Counts.Count(result.Outcome == TableOutcome.Done ? Happening.Commit : Happening.LostRace);
            (operation.Ended, operation.Result) = (world.Now, result);
            Think();
        });
    }

    private TableChange Draw(TableState table, out TableOperation operation)
    {
        var text = $"{node.Index}.{node.Life}.{number}.{++_changes}";
        if (table.Rows.Count > 0 && world.Chance(RemoveChance))
        {
            var (key, row) = table.Rows.ElementAt(world.Random.Next(table.Rows.Count));
            operation = world.History.Begin(Index, TableOperationKind.Remove, world.Now);
            (operation.Key, operation.RowStamp) = (key, row.Stamp);
            return new RemoveRows([(key, row.Stamp)]);
        }

        var value = System.Text.Encoding.UTF8.GetBytes(text);
        if (table.Rows.Count > 0 && world.Chance(UpdateChance))
        {
            var (key, row) = table.Rows.ElementAt(world.Random.Next(table.Rows.Count));
            operation = world.History.Begin(Index, TableOperationKind.Update, world.Now);
            (operation.Key, operation.RowStamp, operation.Value, operation.Expected) = (key, row.Stamp, text, table.Version);
            return new UpdateRow(table.Version, key, row.Stamp, value, IsTerminal: false);
        }

        operation = world.History.Begin(Index, TableOperationKind.Insert, world.Now);
        var floor = world.Setup.HasFloor ? ClockFloor.At(node.Clock.Wall) : 0;
        (operation.Key, operation.Value, operation.Expected, operation.Floor) = ($"row-{text}", text, table.Version, floor);
        return new InsertRow(table.Version, operation.Key, value, IsTerminal: false, floor);
    }

    /// <summary>Whether it happens, or happened, nobody tells this user any more.</summary>
    private void GiveUp()
    {
        world.Counts.Count(Happening.Unknown);
        Think();
    }
}

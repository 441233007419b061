using System.Text;
using Gossip;

namespace Quorum.Nodes;

/// <summary>What a node of the program can do with the table: a line or two of the library each.</summary>
internal sealed class NodeCommands(GossipNode node)
{
    private TableSnapshot? _seen;

    /// <summary>Runs one command; the result is what the answer carries.</summary>
    public async Task<object> RunAsync(string verb, string[] words)
    {
        switch ((verb, words))
        {
            case (Verb.Status, _):
                return Describe(await node.GetTableStatusAsync());
            case (Verb.Read, _):
                return Describe(_seen = await node.Table.ReadAllAsync());
            case (Verb.Write, [var key, var value]):
                return await WriteAsync(key, value);
            case (Verb.Put, [var key, var value]) when _seen is { } seen:
                return new Written(await PutAsync(seen, key, value), seen.Version.Number + 1);
            default:
                throw new ArgumentException($"A node cannot '{verb} {string.Join(' ', words)}'.", nameof(verb));
        }
    }

    /// <summary>Reads, decides and writes, and again as long as somebody else was faster: what every user of the table does.</summary>
    private async Task<Written> WriteAsync(string key, string value)
    {
        while (true)
        {
            _seen = await node.Table.ReadAllAsync();
            if (await PutAsync(_seen, key, value))
            {
                return new Written(Done: true, _seen.Version.Number + 1);
            }
        }
    }

    private Task<bool> PutAsync(TableSnapshot seen, string key, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return seen.Find(key) is { } row
            ? node.Table.UpdateRowAsync(key, bytes, row.Etag, seen.Version)
            : node.Table.InsertRowAsync(key, bytes, seen.Version);
    }

    private static Status Describe(TableStatus status) => new(
        status.IsFounded ? $"{status.Incarnation:N}" : "",
        status.Epoch,
        [.. status.Acceptors.Select(acceptor => new Seat(acceptor.Address?.ToString() ?? "?", acceptor.IsDurable, acceptor.State))],
        status.HasQuorum,
        status.HasSeat,
        status.IsInCharge,
        status.KnownVersion,
        status.Diagnosis);

    private static Rows Describe(TableSnapshot table) => new(
        table.Version.Number,
        [.. table.Rows.Select(row => new Row(row.Key, Encoding.UTF8.GetString(row.Value.Span), row.Etag))]);
}

using System.Globalization;

namespace Gossip.Bench.Tables;

/// <summary>What a process that keeps the table is told on its command line.</summary>
internal sealed record TableAgentArguments(int Number, string Cluster, string Directory, IReadOnlyList<string> Addresses)
{
    public const string Verb = "table-agent";

    public string[] ToArray() => [Verb, $"{Number}", Cluster, Directory, .. Addresses];

    public static TableAgentArguments Parse(string[] text) => new(int.Parse(text[1], CultureInfo.InvariantCulture), text[2], text[3], text[4..]);

    public GossipOptions Options(string? address, TableOptions table)
    {
        var options = new GossipOptions { ClusterName = Cluster, BindAddress = address ?? "127.0.0.1:0", Table = table };
        foreach (var seed in Addresses)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }
}

/// <summary>A process that keeps the table. Its input is commands, its output one line for each; the end of its input is its end.</summary>
internal static class TableAgent
{
    public const string Ready = "ready";
    public const string Status = "status";

    public static async Task<int> RunAsync(TableAgentArguments arguments)
    {
        var options = arguments.Options(arguments.Addresses[arguments.Number], new TableOptions { DataDirectory = arguments.Directory });
        await using var node = await GossipNode.StartAsync(options);
        Console.Out.WriteLine(Ready);
        while (await Task.Run(Console.In.ReadLine) is { } line)
        {
            if (line == Status)
            {
                Console.Out.WriteLine(new TableAgentStatus(await node.GetTableStatusAsync()).ToString());
            }
        }

        return 0;
    }
}

/// <summary>What a process that keeps the table says of it.</summary>
internal readonly record struct TableAgentStatus(bool HasSeat, bool IsInCharge, int Serving)
{
    public TableAgentStatus(TableStatus status)
        : this(status.HasSeat, status.IsInCharge, status.Acceptors.Count(acceptor => acceptor.State == TableAcceptorState.Serving))
    {
    }

    public override string ToString() => $"{TableAgent.Status} {HasSeat} {IsInCharge} {Serving}";

    public static TableAgentStatus? Parse(string line) =>
        line.Split(' ') is [TableAgent.Status, var seat, var charge, var serving]
            ? new TableAgentStatus(bool.Parse(seat), bool.Parse(charge), int.Parse(serving, CultureInfo.InvariantCulture))
            : null;
}

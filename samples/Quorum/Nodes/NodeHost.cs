using System.Text.Json;
using Gossip;

namespace Quorum.Nodes;

/// <summary>
/// The program as a node: starts a <see cref="GossipNode"/> that keeps the table, and does what standard input says, until that ends. It ends with the parent too, however that died, so no node
/// is ever left behind.
/// </summary>
internal static class NodeHost
{
    /// <summary>A node that lost its parent has little to finish.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(NodeSettings settings)
    {
        var options = new GossipOptions
        {
            ClusterName = settings.ClusterName,
            BindAddress = settings.Address,
            Profile = GossipProfile.Local,
            StopTimeout = StopTimeout,

            // This is all that a table needs: the seeds found it, and each keeps its share in a directory of its own.
            Table = new TableOptions { DataDirectory = settings.DataDirectory, OperationTimeout = settings.TableTimeout },
        };
        foreach (var seed in settings.Seeds)
        {
            options.Seeds.Add(seed);
        }

        try
        {
            await using var node = await GossipNode.StartAsync(options);
            await ServeAsync(node);
            return 0;
        }
        catch (GossipException e)
        {
            await Console.Error.WriteLineAsync($"{settings.Name}: {e.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(GossipNode node)
    {
        var commands = new NodeCommands(node);
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
        {
            var command = Line.Read<Command>(line);
            if (command.Verb == Verb.Leave)
            {
                return;
            }

            var answer = await AnswerAsync(commands, command);
            try
            {
                await Console.Out.WriteLineAsync(Line.Write(answer));
                await Console.Out.FlushAsync();
            }
            catch (IOException)
            {
                return; // the parent is gone
            }
        }
    }

    private static async Task<Answer> AnswerAsync(NodeCommands commands, Command command)
    {
        try
        {
            var result = await commands.RunAsync(command.Verb, command.Words);
            return new Answer(command.Number, JsonSerializer.SerializeToElement(result, Line.Format), null);
        }
        catch (Exception e) when (e is GossipException or ArgumentException)
        {
            return new Answer(command.Number, null, e.Message);
        }
    }
}

using System.Text.Json;
using Gossip;

namespace Quickstart.Nodes;

/// <summary>
/// The program as a node: starts a <see cref="GossipNode"/>, tells each change of its view on standard output, and does what
/// standard input says, until that ends. It ends with the parent too, however that died, so no node is ever left behind.
/// </summary>
internal static class NodeHost
{
    /// <summary>A node that lost its parent has little to finish.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(NodeSettings settings)
    {
        var output = new LineWriter(Console.Out);
        output.Write(new Starting(DateTimeOffset.UtcNow));
        var options = new GossipOptions
        {
            ClusterName = settings.ClusterName,
            BindAddress = settings.BindAddress,
            Profile = GossipProfile.Local,
            StopTimeout = StopTimeout,
        };
        options.Metadata[NodeCommands.NameKey] = settings.Name;
        foreach (var tag in settings.Tags)
        {
            options.Tags.Add(tag);
        }

        if (settings.Seed is not null)
        {
            options.Seeds.Add(settings.Seed);
        }

        // Every node gives the same numbers to the same types; that is all there is to message contracts.
        options.MessageTypes.Register<Note>(MessageTypeNumber.FirstUser);
        options.MessageTypes.Register<Question>(MessageTypeNumber.FirstUser + 1);
        options.MessageTypes.Register<Reply>(MessageTypeNumber.FirstUser + 2);

        try
        {
            await using var node = await GossipNode.StartAsync(options);
            await ServeAsync(node, output);
            return 0;
        }
        catch (GossipException e)
        {
            await Console.Error.WriteLineAsync($"{settings.Name}: {e.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(GossipNode node, LineWriter output)
    {
        var commands = new NodeCommands(node);
        _ = WatchAsync(node, output);
        using var input = new StreamReader(Console.OpenStandardInput());
        while (!commands.HasLeft && await input.ReadLineAsync() is { } line)
        {
            var answer = await AnswerAsync(commands, Line.Read<Command>(line));
            if (!commands.HasLeft)
            {
                output.WriteView(node); // before the answer: whoever reads that finds what the command did
            }

            output.Write(answer);
        }
    }

    private static async Task WatchAsync(GossipNode node, LineWriter output)
    {
        await foreach (var _ in node.WatchAsync())
        {
            output.WriteView(node);
        }
    }

    private static async Task<Answer> AnswerAsync(NodeCommands commands, Command command)
    {
        try
        {
            var result = await commands.RunAsync(command.Verb, command.Words);
            return new Answer(command.Number, JsonSerializer.SerializeToElement(result, Line.Format), null);
        }
        catch (Exception e) when (e is GossipException or ArgumentException or FormatException)
        {
            return new Answer(command.Number, null, e.Message);
        }
    }

    /// <summary>Lines come from the watcher and from the commands, and must not mix.</summary>
    private sealed class LineWriter(TextWriter output)
    {
        private readonly Lock _gate = new();

        /// <summary>Writes the view of this moment, so that of two writers the later never writes the older one.</summary>
        public void WriteView(GossipNode node)
        {
            lock (_gate)
            {
                Write(new Snapshot(DateTimeOffset.UtcNow, [.. node.View.Members.Select(NodeCommands.Describe)]));
            }
        }

        public void Write(Line line)
        {
            lock (_gate)
            {
                try
                {
                    output.WriteLine(Line.Write(line));
                    output.Flush();
                }
                catch (IOException)
                {
                    // The parent is gone; the end of standard input says so too, and ends this process.
                }
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gossip.Bench.Agents;

/// <summary>
/// A process that runs nodes of a cluster under measurement. Its input is commands, its output one line per observation, stamped
/// where it was made. The end of its input is its end, so that it does not outlive whoever started it.
/// </summary>
internal static class Agent
{
    public const string Join = "join";
    public const string ReadUsage = "usage";
    public const string Broadcast = "broadcast";
    public const string AskAll = "ask";

    private static readonly Lock Output = new();

    public static async Task<int> RunAsync(AgentArguments arguments)
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            await WarmUp.RunAsync(arguments.Address, arguments.Key);
        }

        AgentNode[] nodes = [.. Enumerable.Range(arguments.First, arguments.Count).Select(number => new AgentNode(number, arguments))];
        Write(new Observation(Stopwatch.GetTimestamp(), arguments.First, ObservationKind.Ready, arguments.First, ""));
        await foreach (var line in ReadCommands().ReadAllAsync())
        {
            switch (line.Split(' '))
            {
                case [Join]:
                    await Task.WhenAll(nodes.Select(node => node.JoinAsync()));
                    break;
                case [Broadcast, var number]:
                    await nodes[0].BroadcastAsync(int.Parse(number, CultureInfo.InvariantCulture));
                    break;
                case [AskAll]:
                    await nodes[0].AskAllAsync();
                    break;
                case [ReadUsage]:
                    Write(new Observation(Stopwatch.GetTimestamp(), arguments.First, ObservationKind.Usage, arguments.First, AgentUsage.Read().ToString()));
                    break;
            }
        }

        return 0;
    }

    /// <summary>On a thread of its own: to read the console blocks, and would take a thread of the pool from the nodes.</summary>
    private static ChannelReader<string> ReadCommands()
    {
        var commands = Channel.CreateUnbounded<string>();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                commands.Writer.TryWrite(line);
            }

            commands.Writer.Complete();
        })
        { IsBackground = true }.Start();
        return commands.Reader;
    }

    public static void Write(in Observation observation)
    {
        lock (Output)
        {
            Console.Out.WriteLine(observation.ToString());
        }
    }
}

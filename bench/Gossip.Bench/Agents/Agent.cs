using System.Diagnostics;
using System.Globalization;

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

    private static readonly Lock Output = new();

    public static async Task<int> RunAsync(AgentArguments arguments)
    {
        await WarmUp.RunAsync(arguments.Address);
        AgentNode[] nodes = [.. Enumerable.Range(arguments.First, arguments.Count).Select(number => new AgentNode(number, arguments))];
        Write(new Observation(Stopwatch.GetTimestamp(), arguments.First, ObservationKind.Ready, arguments.First, ""));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case [Join]:
                    await Task.WhenAll(nodes.Select(node => node.JoinAsync()));
                    break;
                case [Broadcast, var number]:
                    await nodes[0].BroadcastAsync(int.Parse(number, CultureInfo.InvariantCulture));
                    break;
                case [ReadUsage]:
                    Write(new Observation(Stopwatch.GetTimestamp(), arguments.First, ObservationKind.Usage, arguments.First, AgentUsage.Read().ToString()));
                    break;
            }
        }

        return 0;
    }

    public static void Write(in Observation observation)
    {
        lock (Output)
        {
            Console.Out.WriteLine(observation.ToString());
        }
    }
}

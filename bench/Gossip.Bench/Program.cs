// Measures the library against its peer on one machine. It prints a table, and writes JSON on demand.
//
//   dotnet run -c Release --project bench/Gossip.Bench -- membership --nodes 10,30,60 --runs 5
//   dotnet run -c Release --project bench/Gossip.Bench -- table
//   dotnet run -c Release --project bench/Gossip.Bench -- messages
//
// The exit code is 0 also when a goal is missed, 1 when a measurement failed, and 2 when the arguments are wrong.

using Gossip.Bench.Agents;
using Gossip.Bench.Measurements;
using Gossip.Bench.Messages;
using Gossip.Bench.Reports;
using Gossip.Bench.Tables;

namespace Gossip.Bench;

internal static class Program
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int UsageError = 2;
    private const string ReportVerb = "report";

    private static async Task<int> Main(string[] args)
    {
        if (args is [AgentArguments.Verb, ..])
        {
            return await Agent.RunAsync(AgentArguments.Parse(args));
        }

        if (args is [TableAgentArguments.Verb, ..])
        {
            return await TableAgent.RunAsync(TableAgentArguments.Parse(args));
        }

        if (args is [GossipMessageAgent.Verb, _, ..])
        {
            return await GossipMessageAgent.RunAsync(args);
        }

        if (args is [NatsAgent.Verb, _, ..])
        {
            return await NatsAgent.RunAsync(args);
        }

        if (args is [ReportVerb, _, ..])
        {
            return Report(args[1..]);
        }

        var table = args is [TableCommandLine.Verb, ..] ? TableCommandLine.Parse(args) : null;
        var messages = args is [MessageCommandLine.Verb, ..] ? MessageCommandLine.Parse(args) : null;
        var command = CommandLine.Parse(args, out var error);
        if (command is null && table is null && messages is null)
        {
            Console.Error.WriteLine(error);
            Console.Error.WriteLine();
            Console.Error.WriteLine(CommandLine.Usage);
            Console.Error.WriteLine(TableCommandLine.Usage);
            Console.Error.WriteLine(MessageCommandLine.Usage);
            return UsageError;
        }

        // The first interrupt ends all that was started; a second one ends this process at once.
        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        };
        using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            signal =>
            {
                signal.Cancel = true;
                interrupt.Cancel();
            });

        if (table is not null)
        {
            return await new TableCampaign(table, Console.Out).RunAsync(interrupt.Token) ? Success : Failure;
        }

        if (messages is not null)
        {
            return await new MessageCampaign(messages, Console.Out).RunAsync(interrupt.Token) ? Success : Failure;
        }

        var campaign = new MembershipCampaign(command!, Console.Out);
        await campaign.RunAsync(interrupt.Token);
        ResultTable.Write(Console.Out, campaign.Results, campaign.Notes, command!.Peer);
        if (command.JsonPath is { } path)
        {
            await ResultFile.WriteAsync(path, campaign, command);
        }

        return campaign.Failures == 0 ? Success : Failure;
    }

    /// <summary>One table of what several campaigns kept, so that a long one need not be run at a stretch.</summary>
    private static int Report(IEnumerable<string> paths)
    {
        var results = new ResultSet();
        List<string> notes = [];
        try
        {
            foreach (var path in paths)
            {
                ResultFile.Read(path, results, notes);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return Failure;
        }

        ResultTable.Write(Console.Out, results, notes, peer: true);
        return Success;
    }
}

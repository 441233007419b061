using System.Text.Json;
using System.Threading.Channels;
using Gossip;
using OrleansCluster.Tour;

namespace OrleansCluster.Silos;

/// <summary>Reads standard input from the first moment, so that a silo which has yet to start hears that its parent is gone, too.</summary>
internal sealed class CommandInput : IDisposable
{
    private readonly Channel<Command> _commands = Channel.CreateUnbounded<Command>();
    private readonly CancellationTokenSource _ended = new();

    public CommandInput() => _ = Task.Run(ReadAsync);

    /// <summary>There will be no more commands.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Does what it is told until there are no more commands.</summary>
    public async Task ServeAsync(Func<string, string[], Task<object?>> run)
    {
        await foreach (var command in _commands.Reader.ReadAllAsync())
        {
            try
            {
                await Console.Out.WriteLineAsync(Line.Write(await AnswerAsync(run, command)));
                await Console.Out.FlushAsync();
            }
            catch (IOException)
            {
                return; // the parent is gone
            }
        }
    }

    public void Dispose() => _ended.Dispose();

    private static async Task<Answer> AnswerAsync(Func<string, string[], Task<object?>> run, Command command)
    {
        try
        {
            return new Answer(command.Number, JsonSerializer.SerializeToElement(await run(command.Verb, command.Words), Line.Format), null);
        }
        catch (Exception e) when (e is GossipException or ArgumentException)
        {
            return new Answer(command.Number, null, e.Message);
        }
    }

    private async Task ReadAsync()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
        {
            _commands.Writer.TryWrite(Line.Read<Command>(line));
        }

        _commands.Writer.Complete();
        _ = Task.Run(ExitAsync);
        await _ended.CancelAsync();
    }

    /// <summary>A silo that cannot stop, for whatever reason, ends nevertheless.</summary>
    private static async Task ExitAsync()
    {
        const int Stuck = 1;
        await Task.Delay(Pace.StopPatience);
        Environment.Exit(Stuck);
    }
}

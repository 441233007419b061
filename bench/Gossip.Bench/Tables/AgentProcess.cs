using System.Threading.Channels;
using Gossip.Bench.Clusters;

namespace Gossip.Bench.Tables;

/// <summary>A process that keeps the table, as its starter sees it.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly MemberProcess _process;

    public AgentProcess(TableAgentArguments arguments) => _process = new MemberProcess(
        arguments.Number, new Place(Place.Loopback, null), [.. OwnCommand(), .. arguments.ToArray()], GossipCluster.RuntimeSettings, (_, line) => _lines.Writer.TryWrite(line));

    public Task WhenReadyAsync(CancellationToken cancellationToken) => NextAsync(cancellationToken);

    public async Task<TableAgentStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        _process.Command(TableAgent.Status);
        var line = await NextAsync(cancellationToken);
        return TableAgentStatus.Parse(line) ?? throw new MeasurementException($"an agent said '{line}'");
    }

    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string[] OwnCommand()
    {
        var assembly = typeof(AgentProcess).Assembly.Location;
        return [Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", assembly];
    }

    private async Task<string> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lines.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new MeasurementException("an agent did not answer");
        }
    }
}

using Microsoft.Extensions.Hosting;

namespace OrleansConfiguration;

/// <summary>Ends a process of the self-check with its standard input, and so with its parent, however that died: none is ever left behind. It starts before Orleans, so it also ends one that waits for others.</summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>Says that the process belongs to a self-check.</summary>
    public const string Variable = "SAMPLE_ENDS_WITH_ITS_INPUT";

    private const int Stuck = 1;

    /// <summary>For a stop in order.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            _ = Task.Run(WatchAsync, CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WatchAsync()
    {
        await Console.In.ReadToEndAsync();
        lifetime.StopApplication();
        await Task.Delay(Patience);
        Environment.Exit(Stuck);
    }
}

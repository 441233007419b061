using Gossip;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// The end of a silo whose table others gave up without it. Such a table never answers again, so the silo could not learn of anything any more, and would serve grains that the others have activated anew: it stops its host.
/// </summary>
internal sealed partial class Supersession(IHostApplicationLifetime? host, ILogger logger)
{
    private int _hasHappened;

    public bool HasHappened => Volatile.Read(ref _hasHappened) != 0;

    /// <summary>Passes a call of the table on, and looks at its error.</summary>
    public async Task<T> WatchAsync<T>(Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (TableSupersededException e)
        {
            if (Interlocked.Exchange(ref _hasHappened, 1) == 0)
            {
                LogSuperseded(e.Message);
                _ = Task.Run(() => host?.StopApplication(), CancellationToken.None); // Orleans waits for this call, and need not wait for what the host's parts do when it stops
            }

            throw;
        }
    }

    [LoggerMessage(EventId = 6, Level = LogLevel.Critical,
        Message = "The membership table of this silo was succeeded by another one while the silo was away, and never answers again, so the silo stops. {Reason}")]
    private partial void LogSuperseded(string reason);
}

using Gossip;
using Microsoft.Extensions.Logging;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// The last words of a silo that stops when nobody is there to hear them. Orleans tries for minutes to write that a silo stops; without a majority that comes to nothing, and the process would hang. So while
/// this process stops, and no other silo can be reached, and the table did not answer for a while, reads answer with what was read last, and writes of the own row's end are taken as done.
/// Whoever comes later sees the silo as dead by other signs, as after a crash. The same goes for a silo whose table others gave up, whoever can be reached: it will never answer.
/// </summary>
internal sealed partial class Farewell(SiloNode silo, ILogger logger)
{
    /// <summary>How long a silo that is alone waits for the table before each of its last words: a stop has a few of them, and should end within 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private TableSnapshot? _last;
    private volatile bool _isUnheard;

    public async Task<TableSnapshot> ReadAsync(Func<CancellationToken, Task<TableSnapshot>> read, CancellationToken cancellationToken)
    {
        var (table, isAnswered) = await TryAsync(read, cancellationToken).ConfigureAwait(false);
        return isAnswered ? _last = table! : _last!;
    }

    public async Task<bool> WriteAsync(MembershipEntry entry, Func<CancellationToken, Task<bool>> write, CancellationToken cancellationToken)
    {
        if (!entry.SiloAddress.Equals(silo.Silo) || entry.Status is not (SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead))
        {
            return await write(cancellationToken).ConfigureAwait(false);
        }

        var (won, isAnswered) = await TryAsync(write, cancellationToken).ConfigureAwait(false);
        if (!isAnswered)
        {
            LogUnheard(entry.Status);
        }

        return !isAnswered || won;
    }

    private async Task<(T? Answer, bool IsAnswered)> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (!MayGiveUp)
        {
            return (await call(cancellationToken).ConfigureAwait(false), true);
        }

        if (_isUnheard || silo.Supersession.HasHappened)
        {
            return (default, false);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return (await call(patience.Token).ConfigureAwait(false), true);
        }
        catch (Exception e) when (e is TableUnavailableException or TableSupersededException or OperationCanceledException && !cancellationToken.IsCancellationRequested && MayGiveUp)
        {
            _isUnheard = true;
            return (default, false);
        }
    }

    private bool MayGiveUp => silo.IsStopping && (silo.IsAlone || silo.Supersession.HasHappened) && _last is not null;

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning,
        Message = "This silo stops, and no other silo can be reached or its membership table is lost to it: that the silo is {Status} is not written. Silos that come later see it as after a crash.")]
    private partial void LogUnheard(SiloStatus status);
}

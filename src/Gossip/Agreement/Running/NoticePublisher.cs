namespace Gossip.Agreement;

/// <summary>Tells by gossip what the agreement of this node has to tell: the latest of it, at once when it is quiet, and otherwise now and then.</summary>
internal sealed class NoticePublisher : IAsyncDisposable
{
    /// <summary>The fact by which the node in charge tells the version that the table reached.</summary>
    public const string VersionKey = "table.version";

    /// <summary>At most four times a second: whoever watches the table wants to know soon, and a burst of commits must not become a burst of gossip.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _due = new(0, 1);
    private readonly Lock _gate = new();
    private readonly ISystemFacts _facts;
    private readonly TimeProvider _time;
    private readonly Action<MetadataLimitException> _refused;
    private readonly Task _run;
    private AgreementNotice? _notice;
    private int _version = -1;

    /// <param name="facts">By which it is told.</param>
    /// <param name="refused">Told when there is no room for it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopped">Ends it.</param>
    public NoticePublisher(ISystemFacts facts, Action<MetadataLimitException> refused, TimeProvider time, CancellationToken stopped)
    {
        (_facts, _refused, _time) = (facts, refused, time);
        _run = Task.Run(() => RunAsync(stopped), CancellationToken.None);
    }

    /// <summary>Takes what is to be told. Version -1 tells none.</summary>
    public void Offer(AgreementNotice notice, int version)
    {
        lock (_gate)
        {
            if (notice == _notice && version <= _version)
            {
                return;
            }

            (_notice, _version) = (notice, Math.Max(version, _version));
            Again();
        }
    }

    private void Again()
    {
        lock (_gate)
        {
            if (_due.CurrentCount == 0)
            {
                _due.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _due.Dispose();
    }

    private async Task RunAsync(CancellationToken stopped)
    {
        AgreementNotice? told = null;
        var toldVersion = -1;
        var isRefused = false;
        while (true)
        {
            await _due.WaitAsync(stopped).ConfigureAwait(false);
            AgreementNotice notice;
            int version;
            lock (_gate)
            {
                (notice, version) = (_notice!, _version);
            }

            try
            {
                if (notice != told)
                {
                    await _facts.SetAsync(AgreementNotice.FactKey, notice.Encode(), stopped).ConfigureAwait(false);
                    told = notice;
                }

                if (version > toldVersion)
                {
                    await _facts.SetAsync(VersionKey, (ulong)version, stopped).ConfigureAwait(false);
                    toldVersion = version;
                }

                isRefused = false;
            }
            catch (MetadataLimitException e)
            {
                // The user's metadata leave no room. Without its notice the node has no part in the agreement, so it is tried until there is.
                if (!isRefused)
                {
                    _refused(e);
                }

                isRefused = true;
                Again();
            }

            await Task.Delay(Period, _time, stopped).ConfigureAwait(false);
        }
    }
}

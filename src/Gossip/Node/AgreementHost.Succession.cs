using Gossip.Agreement;

namespace Gossip.Node;

/// <content>What operators ask and decide when the register is lost, and who waits for its successor.</content>
internal sealed partial class AgreementHost
{
    private readonly Dictionary<long, TaskCompletionSource<RegisterSurvey>> _surveys = [];
    private TaskCompletionSource<TableSuccession> _succeeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Lineage _lineage;

    /// <summary>Asks the members what they hold, and perhaps has this node found a successor with the latest.</summary>
    public async Task<RegisterSurvey> SurveyAsync(bool recovers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asked = new TaskCompletionSource<RegisterSurvey>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pump.Post((engine, now) =>
        {
            _surveys.Add(++_lastTicket, asked);
            if (recovers)
            {
                engine.Recover(now, _lastTicket);
            }
            else
            {
                engine.Survey(now, _lastTicket);
            }
        });
        var survey = await WaitAsync(asked.Task, cancellationToken).ConfigureAwait(false);
        return survey.Refusal is null ? survey : throw new TableRecoveryException(survey.Refusal);
    }

    /// <summary>Ends when the register that this node belongs to is succeeded by another one.</summary>
    public Task<TableSuccession> NextSuccessionAsync(CancellationToken cancellationToken) => WaitAsync(Volatile.Read(ref _succeeded).Task, cancellationToken);

    private void ConcludeSuccession(AgreementOutbox outbox)
    {
        foreach (var survey in outbox.Surveys)
        {
            if (_surveys.Remove(survey.Ticket, out var asked))
            {
                asked.TrySetResult(survey);
            }
        }

        var (before, now) = (_lineage, _engine.Lineage);
        if (now.Incarnation != before.Incarnation)
        {
            _lineage = now;
            if (!before.IsNone)
            {
                var waited = Interlocked.Exchange(ref _succeeded, new TaskCompletionSource<TableSuccession>(TaskCreationOptions.RunContinuationsAsynchronously));
                waited.TrySetResult(new TableSuccession(before.Incarnation, now.Incarnation, now.Ordinal));
            }
        }
    }
}

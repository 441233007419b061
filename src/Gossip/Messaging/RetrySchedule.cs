namespace Gossip.Messaging;

/// <summary>When an unanswered message is sent again: after an interval that doubles, up to a cap.</summary>
internal static class RetrySchedule
{
    /// <summary>The longest interval, and so also the longest that a finished delivery stays in the timer's queue.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(2);

    private const int MaxDoublings = 8;

    /// <summary>Silence: most likely the handler is still at work, so there is no hurry.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    /// <summary>A known failure, such as a full queue, a failed dial or a broken connection: nothing is on its way.</summary>
    private static readonly TimeSpan Failure = TimeSpan.FromMilliseconds(50);

    public static TimeSpan AfterSilence(int attempts) => Grown(Silence, attempts);

    public static TimeSpan AfterFailure(int attempts) => Grown(Failure, attempts);

    private static TimeSpan Grown(TimeSpan first, int attempts)
    {
        var interval = first * (1 << Math.Clamp(attempts - 1, 0, MaxDoublings));
        return interval < Max ? interval : Max;
    }
}

namespace Gossip.Messaging;

/// <summary>What a window knows about an arriving sequence.</summary>
internal enum Admission
{
    /// <summary>Not seen before: it is recorded as running now.</summary>
    New,

    /// <summary>Its handler has not ended.</summary>
    Running,

    /// <summary>It is over; the answer is known.</summary>
    Finished,

    /// <summary>Older than the window, so nobody can say whether it was handled.</summary>
    TooOld,
}

/// <summary>
/// Remembers the last 1024 sequences of one sender on one lane, as a replay window does (RFC 4303 §3.4.3), and the answer
/// to each. A sender never lets its newest reliable message run 1024 ahead of an unfinished one, so that a message that it
/// sends again is always inside.
/// </summary>
internal sealed class DeliveryWindow
{
    public const int Size = 1024;

    private const byte Unseen = 0;
    private const byte InProgress = 1;
    private const byte FirstOutcome = 2;

    private readonly byte[] _states = new byte[Size];
    private Dictionary<ulong, string>? _errors; // few messages have one
    private ulong _highest;

    /// <summary>Which messages have arrived; asked of the lane of reliable ones only.</summary>
    public ArrivalOrder Order => field ??= new();

    public Admission Admit(ulong sequence, out SendOutcome outcome, out string? error)
    {
        outcome = default;
        error = null;
        if (sequence > _highest)
        {
            Advance(sequence);
        }
        else if (_highest - sequence >= Size)
        {
            return Admission.TooOld;
        }

        ref var state = ref _states[sequence % Size];
        switch (state)
        {
            case Unseen:
                state = InProgress;
                return Admission.New;
            case InProgress:
                return Admission.Running;
            default:
                outcome = (SendOutcome)(state - FirstOutcome);
                error = _errors?.GetValueOrDefault(sequence);
                return Admission.Finished;
        }
    }

    /// <summary>Records the answer to a sequence that was admitted; one that has left the window meanwhile is ignored.</summary>
    public void Finish(ulong sequence, SendOutcome outcome, string? error)
    {
        if (sequence > _highest || _highest - sequence >= Size || _states[sequence % Size] != InProgress)
        {
            return;
        }

        _states[sequence % Size] = (byte)(FirstOutcome + (int)outcome);
        if (error is not null)
        {
            (_errors ??= [])[sequence] = error;
        }
    }

    private void Advance(ulong sequence)
    {
        if (sequence - _highest >= Size)
        {
            Array.Clear(_states);
            _errors = null;
        }
        else
        {
            while (_highest < sequence)
            {
                _highest++;
                _states[_highest % Size] = Unseen;
                _errors?.Remove(_highest - Size); // wraps for the first ones, to sequences that no error has
            }
        }

        _highest = sequence;
    }
}

namespace Gossip.Membership;

/// <summary>
/// The time that a suspect has left to refute (Lifeguard §IV-B). It starts long, because one accuser may be the sick one,
/// and shrinks with the logarithm of the number of independent accusers.
/// </summary>
internal sealed class Suspicion
{
    private readonly long _started;
    private readonly long _min;
    private readonly long _max;
    private readonly int _confirmationsNeeded;
    private readonly List<NodeId> _accusers;

    public Suspicion(NodeId accuser, long now, TimeSpan min, TimeSpan max, int confirmationsNeeded)
    {
        _started = now;
        _min = min.Ticks;
        _max = max.Ticks;
        _confirmationsNeeded = confirmationsNeeded;
        _accusers = [accuser];
        Deadline = Patience();
    }

    /// <summary>Who accused, the first one first. Only so many are kept as can shorten the suspicion.</summary>
    public IReadOnlyList<NodeId> Accusers => _accusers;

    public int Confirmations => _accusers.Count - 1;

    /// <summary>It only moves closer. Kept, because it is asked for after every call of the engine.</summary>
    public long Deadline { get; private set; }

    /// <summary>Does not wait longer than this, because there is evidence that is worth more than accusers.</summary>
    public void EndBy(long deadline) => Deadline = Math.Min(Deadline, deadline);

    /// <summary>Counts an accuser. False when it was counted before or no more are needed, so the accusation need not travel further.</summary>
    public bool Confirm(NodeId accuser)
    {
        if (Confirmations >= _confirmationsNeeded || _accusers.Contains(accuser))
        {
            return false;
        }

        _accusers.Add(accuser);
        EndBy(Patience());
        return true;
    }

    /// <summary>How long it lasts, in ticks: max − (max − min) · log(c + 1) / log(k + 1), never below min; with nobody to ask, min at once.</summary>
    public static long Length(long min, long max, int confirmations, int needed)
    {
        if (needed == 0)
        {
            return min;
        }

        var shrink = Math.Log(confirmations + 1) / Math.Log(needed + 1);
        return Math.Max(min, max - (long)((max - min) * shrink));
    }

    private long Patience() => _started + Length(_min, _max, Confirmations, _confirmationsNeeded);
}

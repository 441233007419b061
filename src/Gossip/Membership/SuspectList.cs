namespace Gossip.Membership;

/// <summary>Who is suspected, and when the first of these suspicions ends: kept, because it is asked for after every call of the engine.</summary>
internal sealed class SuspectList
{
    private readonly List<Member> _suspects = [];
    private long? _nextDeadline;

    public int Count => _suspects.Count;

    public long NextDeadline => _nextDeadline ??= FirstDeadline();

    public Member this[int index] => _suspects[index];

    public void Add(Member suspect)
    {
        _suspects.Add(suspect);
        _nextDeadline = null;
    }

    public void Remove(Member suspect)
    {
        _suspects.Remove(suspect);
        _nextDeadline = null;
    }

    /// <summary>The end of a suspicion moved.</summary>
    public void Reconsider() => _nextDeadline = null;

    private long FirstDeadline()
    {
        var next = long.MaxValue;
        foreach (var suspect in _suspects)
        {
            next = Math.Min(next, suspect.Suspicion!.Deadline);
        }

        return next;
    }
}

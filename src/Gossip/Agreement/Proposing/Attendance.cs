namespace Gossip.Agreement;

/// <summary>Notes which acceptors leave a proposer's requests without an answer, and since when. A process may be there and its disk hang: only this shows it. Pure.</summary>
internal sealed class Attendance
{
    /// <summary>After so many times its patience nothing is held against an acceptor that is not asked any more: perhaps only an answer was lost.</summary>
    private const int Memory = 3;

    private readonly Dictionary<AcceptorId, (long Since, long Last)> _unanswered = [];

    public void Asked(AcceptorId acceptor, long now) =>
        _unanswered[acceptor] = (_unanswered.TryGetValue(acceptor, out var before) ? before.Since : now, now);

    public void Answered(AcceptorId acceptor) => _unanswered.Remove(acceptor);

    public int Count => _unanswered.Count;

    /// <summary>Forgets all but these: nobody asks again about an acceptor that has no seat and whose node is gone.</summary>
    public void Keep(Func<AcceptorId, bool> isKept)
    {
        foreach (var acceptor in _unanswered.Keys)
        {
            if (!isKept(acceptor))
            {
                _unanswered.Remove(acceptor);
            }
        }
    }

    /// <summary>Whether the acceptor has said nothing for so long since it was asked.</summary>
    public bool IsSilent(AcceptorId acceptor, long now, TimeSpan patience)
    {
        if (!_unanswered.TryGetValue(acceptor, out var asked) || now - asked.Since < patience.Ticks)
        {
            return false;
        }

        if (now - asked.Last < Memory * patience.Ticks)
        {
            return true;
        }

        _unanswered.Remove(acceptor);
        return false;
    }
}

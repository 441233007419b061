namespace Gossip.Agreement;

/// <summary>Notes which acceptors leave a proposer's requests without an answer, and since when. A process may be there and its disk hang: only this shows it. Pure.</summary>
internal sealed class Attendance
{
    private readonly Dictionary<AcceptorId, long> _unanswered = [];

    public void Asked(AcceptorId acceptor, long now) => _unanswered.TryAdd(acceptor, now);

    public void Answered(AcceptorId acceptor) => _unanswered.Remove(acceptor);

    /// <summary>Whether the acceptor was asked so long ago, and has said nothing since.</summary>
    public bool IsSilent(AcceptorId acceptor, long now, TimeSpan patience) =>
        _unanswered.TryGetValue(acceptor, out var since) && now - since >= patience.Ticks;
}

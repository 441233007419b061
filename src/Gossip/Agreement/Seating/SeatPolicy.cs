using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// Says who should vote. As few as survive what is likely: one while there are fewer than three to choose from, three, and five in larger clusters. Seats stay
/// where they are as long as they serve; founders are preferred, then zones without a seat, then stores that outlive the process. Pure: the same facts give the same seats.
/// </summary>
internal static class SeatPolicy
{
    /// <summary>With so many to choose from, five vote: three survive one death, and in a large cluster a second one during the repair is likely enough.</summary>
    public const int LargeCluster = 9;

    private const int Few = 1;
    private const int Usual = 3;
    private const int Many = 5;

    /// <summary>How many should vote when so many can.</summary>
    public static int SizeFor(int available) => available >= LargeCluster ? Many : available >= Usual ? Usual : Few;

    /// <summary>The seats of the next epoch; null when the present ones are right, or nothing better can be had now.</summary>
    /// <param name="current">Who votes now.</param>
    /// <param name="seats">What is known of each of them.</param>
    /// <param name="candidates">All who could vote now, seated or not.</param>
    public static ImmutableArray<AcceptorId>? Decide(Configuration current, IReadOnlyDictionary<AcceptorId, SeatState> seats, IReadOnlyCollection<SeatCandidate> candidates)
    {
        var kept = current.Acceptors.Where(acceptor => StateOf(acceptor) != SeatState.Vacant).ToList();
        var known = candidates.ToDictionary(candidate => candidate.Acceptor);
        var free = candidates.Where(candidate => kept.TrueForAll(seat => seat.Node != candidate.Acceptor.Node)).ToList();
        var size = SizeFor(kept.Count + free.Count);

        var next = new List<AcceptorId>();
        foreach (var seat in kept.OrderBy(seat => StateOf(seat)).ThenBy(seat => known.TryGetValue(seat, out var candidate) && candidate.IsFounder ? 0 : 1).ThenBy(seat => seat.Node))
        {
            if (next.Count < size)
            {
                next.Add(seat);
            }
        }

        while (next.Count < size && free.Count > 0)
        {
            var zones = next.Select(seat => known.TryGetValue(seat, out var candidate) ? candidate.Zone : "").ToList();
            var best = free
                .OrderBy(candidate => candidate.IsFounder ? 0 : 1)
                .ThenBy(candidate => zones.Count(zone => string.Equals(zone, candidate.Zone, StringComparison.Ordinal)))
                .ThenBy(candidate => candidate.IsDurable ? 0 : 1)
                .ThenBy(candidate => candidate.Acceptor.Node)
                .First();
            next.Add(best.Acceptor);
            free.RemoveAll(candidate => candidate.Acceptor.Node == best.Acceptor.Node);
        }

        // An even number survives no more than the odd one below it, and needs one more to agree.
        if (next.Count > 0 && next.Count % 2 == 0)
        {
            next.RemoveAt(next.Count - 1);
        }

        var configuration = Configuration.Of(current.Epoch, next);
        var serving = next.Count(seat => StateOf(seat) == SeatState.Serving || (!current.Contains(seat) && known.ContainsKey(seat)));
        return next.Count == 0 || configuration.Equals(current) || serving < configuration.Majority ? null : configuration.Acceptors;

        SeatState StateOf(AcceptorId seat) => seats.GetValueOrDefault(seat, SeatState.Serving);
    }
}

/// <summary>A node that could vote.</summary>
/// <param name="Acceptor">With this store.</param>
/// <param name="Zone">Where it is; seats are spread over zones.</param>
/// <param name="IsFounder">It is one of the configured founders, so it is meant to stay.</param>
/// <param name="IsDurable">Its store outlives the process.</param>
internal sealed record SeatCandidate(AcceptorId Acceptor, string Zone, bool IsFounder, bool IsDurable);

/// <summary>What is known of a seat. In the order in which they are kept when there are too many.</summary>
internal enum SeatState
{
    /// <summary>It votes.</summary>
    Serving = 0,

    /// <summary>It does not vote now, and may soon again: a restart, or a slow disk.</summary>
    Missing = 1,

    /// <summary>It left, lost its store, or has been missing for too long: somebody else should have the seat.</summary>
    Vacant = 2,
}

using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// Asks the members what they hold of a register, and has the latest of it sent. Whatever was chosen and is still held by anybody within reach is found; a value that was accepted and never chosen may be, too, which
/// is as if its round had come through. Pure.
/// </summary>
internal sealed class HeritageSearch(Guid incarnation, ulong tag, SuccessionTiming timing, Testimony own)
{
    private readonly HashSet<NodeId> _asked = [];
    private readonly Dictionary<NodeId, Testimony> _told = new() { [own.From.Node] = own };
    private Testimony? _best;
    private long _height = own.Height;
    private long _startedAt = long.MinValue;
    private long _againAt;
    private long _fetchEnds;

    /// <summary>The register that is asked about.</summary>
    public Guid Incarnation => incarnation;

    /// <summary>What was told so far, the latest first.</summary>
    public ImmutableArray<Testimony> Told => [.. _told.Values.OrderByDescending(told => told.Rank).ThenBy(told => told.From.Node)];

    /// <summary>All have answered, or took too long.</summary>
    public bool IsSurveyed { get; private set; }

    /// <summary>Takes an answer. False when it is not one to this search.</summary>
    public bool OnReply(Testimony testimony)
    {
        if (testimony.Tag != tag || !_asked.Contains(testimony.From.Node))
        {
            return false;
        }

        _told[testimony.From.Node] = testimony;
        _height = Math.Max(_height, testimony.Height);
        return true;
    }

    /// <summary>Goes on: asks whoever is to be asked.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peers">The other members.</param>
    /// <param name="requests">Where requests go.</param>
    /// <param name="fetch">True to have the latest value sent, too.</param>
    /// <returns>The member that holds the latest, with it, once it is here; or with none when nobody holds any.</returns>
    public Testimony? Look(long now, IReadOnlyCollection<AgreementPeer> peers, List<(NodeId To, AcceptorRequest Request)> requests, bool fetch)
    {
        _startedAt = _startedAt == long.MinValue ? now : _startedAt;
        var silent = peers.Where(peer => peer is { IsPresent: true, Notice: not null } && !_told.ContainsKey(peer.Id)).ToList();
        IsSurveyed |= silent.Count == 0 || now - _startedAt >= timing.TestimonyPatience.Ticks;
        var isDue = now >= _againAt;
        _againAt = isDue ? now + timing.AskAgain.Ticks : _againAt;
        if (!IsSurveyed)
        {
            foreach (var peer in silent.Where(_ => isDue))
            {
                Ask(peer.Id, peer.Notice!.Store, wantsValue: false, requests);
            }

            return null;
        }

        return fetch ? Fetch(now, isDue, requests) : null;
    }

    /// <summary>The highest that the state ever came to, as far as anybody knows.</summary>
    public long Height => _height;

    private Testimony? Fetch(long now, bool isDue, List<(NodeId To, AcceptorRequest Request)> requests)
    {
        var latest = Told[0];
        if (latest.Value is not null || latest.Position == Position.Nowhere)
        {
            return latest;
        }

        if (_best is null || _best.From != latest.From)
        {
            (_best, _fetchEnds, isDue) = (latest, now + timing.TestimonyPatience.Ticks, true);
        }

        if (now >= _fetchEnds)
        {
            _told.Remove(latest.From.Node); // it is gone, and the next best must do
            _asked.Remove(latest.From.Node);
            return null;
        }

        if (isDue)
        {
            Ask(latest.From.Node, latest.From.Store, wantsValue: true, requests);
        }

        return null;
    }

    private void Ask(NodeId node, Guid store, bool wantsValue, List<(NodeId To, AcceptorRequest Request)> requests)
    {
        _asked.Add(node);
        requests.Add((node, new Inquiry(wantsValue) { Register = new RegisterId(incarnation, 0), To = new AcceptorId(node, store), Tag = tag }));
    }
}

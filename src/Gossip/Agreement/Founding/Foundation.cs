using System.Collections.Immutable;
using System.Globalization;
using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>
/// Decides when this node may vote for a first register, and when it should have one chosen. No silence is ever taken for "there is no cluster": whoever is configured as a founder has to be
/// heard, a majority of exactly those on the list or the number that was asked for, and while a member tells of a cluster that exists, nobody founds. Pure.
/// </summary>
internal sealed class Foundation
{
    private readonly AgreementSetup _setup;
    private readonly FoundingTiming _timing;
    private readonly Dictionary<NodeId, long> _silentSince = [];
    private readonly FoundingRoll? _roll;
    private readonly Lineage _parent;
    private readonly Guid _first;
    private long _quorateSince = long.MaxValue;
    private long _readySince = long.MaxValue;
    private long _toldSince = long.MaxValue;
    private long _startedAt = long.MinValue;

    /// <param name="setup">Who the node is.</param>
    /// <param name="timing">How careful it is.</param>
    /// <param name="parent">The register that is succeeded, when that is lost; none for a first one.</param>
    public Foundation(AgreementSetup setup, FoundingTiming timing, Lineage parent = default)
    {
        (_setup, _timing, _parent) = (setup, timing, parent);
        List = ListOf(setup, parent.Incarnation);
        _first = ListOf(setup, Guid.Empty)?.Id ?? Guid.Empty;
        OwnIndex = setup.Founding.Kind switch
        {
            _ when !setup.OffersSeat => -1,
            FoundingKind.Listed => OwnEntry(List!, setup.Address),
            FoundingKind.Alone or FoundingKind.Developer or FoundingKind.Expected => 0,
            _ => -1,
        };
        _roll = OwnIndex < 0 ? null : new FoundingRoll(setup, List!, OwnIndex, isSuccession: !parent.IsNone);
        WaitsFor = !parent.IsNone
            ? $"those who founded it are to found a successor{(List is null ? "" : $" ({string.Join(", ", List.Entries)})")}; where they never come back, recover the table on a node that votes"
            : OwnIndex < 0 && _setup.Founding.Kind != FoundingKind.Listed
            ? "no cluster was found yet, and this node founds none: it needs seeds of a cluster that exists"
            : _setup.Founding.Kind != FoundingKind.Listed
            ? "those who are to found it are looked for"
            : $"the founders {string.Join(", ", List!.Entries)} have not founded the cluster yet, or cannot be reached";
    }

    /// <summary>The seats that found; null when this node only waits.</summary>
    public FoundingList? List { get; }

    /// <summary>Which of them this node has; -1 for none.</summary>
    public int OwnIndex { get; }

    /// <summary>What founding waits for, in words for who waits for it.</summary>
    public string WaitsFor { get; private set; }

    /// <summary>The seat that this node takes: that of its entry, or whichever it is asked in where only the number of founders is known.</summary>
    public AcceptorId OwnSeat => _setup.Founding.Kind == FoundingKind.Expected ? _setup.Acceptor : List!.SeatAt(OwnIndex);

    /// <summary>How many founders must be here.</summary>
    private int Needed => Math.Max(List!.Configuration.Majority, _setup.Founding.Expected);

    /// <summary>The founders that a node was told of.</summary>
    /// <param name="setup">The node.</param>
    /// <param name="parent">The incarnation that is to be succeeded; empty for a first register.</param>
    public static FoundingList? ListOf(AgreementSetup setup, Guid parent) => setup.Founding.Kind switch
    {
        FoundingKind.Listed => FoundingList.Of(setup.Cluster, setup.Founding.Founders, parent),
        FoundingKind.Alone or FoundingKind.Developer => new FoundingList(setup.Cluster, [$"{setup.Acceptor.Node}"], parent),
        FoundingKind.Expected => FoundingList.OfNumber(setup.Cluster, setup.Founding.Expected, setup.Founding.Of, parent),
        _ => null,
    };

    /// <summary>Which entry a node is listed as, by either of its addresses; -1 for none.</summary>
    private static int OwnEntry(FoundingList list, NodeEndpoint own) =>
        Math.Max(list.Entries.IndexOf(own.SocketPart.ToString()), own.Web is null ? -1 : list.Entries.IndexOf(own.WebPart.ToString()));

    /// <summary>The node that has a seat of the list.</summary>
    public NodeId NodeOf(AcceptorId seat) => List?.IndexOf(seat) is >= 0 and var index && _roll?.At(index) is { } acceptor ? acceptor.Node : default;

    /// <summary>Looks at who is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peers">The other members.</param>
    /// <param name="isBound">The acceptor of this node votes for this list.</param>
    /// <param name="seats">For <see cref="FoundingStep.Found"/>: who votes first.</param>
    public FoundingStep Look(long now, IReadOnlyCollection<AgreementPeer> peers, bool isBound, out ImmutableArray<AcceptorId> seats)
    {
        seats = [];
        _startedAt = _startedAt == long.MinValue ? now : _startedAt;
        if (List is null || _roll is null)
        {
            return FoundingStep.Wait;
        }

        _roll.Call(peers);
        if (Obstacle(now, peers) is { } obstacle)
        {
            WaitsFor = obstacle;
            _readySince = long.MaxValue;
            return FoundingStep.Wait;
        }

        if (!isBound)
        {
            _readySince = long.MaxValue;
            return FoundingStep.Bind;
        }

        _readySince = Math.Min(_readySince, now);
        WaitsFor = "the founders are about to agree; a majority of them has to answer";
        if (now - _readySince < _roll.Rank * _timing.Stagger.Ticks)
        {
            return FoundingStep.Wait;
        }

        seats = SeatPolicy.Decide(Configuration.Of(0, []), new Dictionary<AcceptorId, SeatState>(), Candidates(peers)) ?? [_setup.Acceptor];
        return FoundingStep.Found;
    }

    /// <summary>The store of this node does not take its seat.</summary>
    public void Refuse(string reason) =>
        WaitsFor = $"this node's store takes no part, because {reason}: remove its data directory, unless it holds a table that is to be kept, or found without this node";

    /// <summary>Why this node must not vote for a new register now, in words; null when it may.</summary>
    private string? Obstacle(long now, IReadOnlyCollection<AgreementPeer> peers)
    {
        var told = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { IsObserver: false } notice } && Contradicts(notice.Lineage));
        if (told is not null)
        {
            return $"{told.Address} tells of a cluster that exists ({told.Notice!.Lineage}), so none is founded; its acceptors have to be reached";
        }

        var observed = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { } notice } && Contradicts(notice.Lineage));
        _toldSince = observed is null ? long.MaxValue : Math.Min(_toldSince, now);
        if (observed is not null && now - _toldSince < _timing.ObserverDelay.Ticks)
        {
            return $"the observer {observed.Address} remembers a cluster; it is looked for a little longer";
        }

        return Unheard(now, peers) ?? Unreached(now, peers) ?? Rival(peers) ?? Incomplete(now, peers);
    }

    /// <summary>Who founds alone and keeps nothing on disk cannot tell its first start from a later one; those that it was told of may know.</summary>
    private string? Unreached(long now, IReadOnlyCollection<AgreementPeer> peers)
    {
        if (_setup.IsDurable || now - _startedAt >= _timing.Completeness.Ticks)
        {
            return null;
        }

        var here = peers.Where(peer => peer.IsPresent).Select(peer => peer.Address.ToString()).Append(_setup.Address.ToString()).ToHashSet(StringComparer.Ordinal);
        var missing = _setup.Founding.Seeds.Where(seed => !here.Contains(seed)).ToList();
        return missing.Count == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the seeds {string.Join(", ", missing)} cannot be reached, and may know a cluster; this node founds alone when they were silent for {_timing.Completeness.TotalSeconds:0.#} s");
    }

    /// <summary>
    /// A founder that was told of others. Majorities of two lists need not have a node in common, so both could found; which list is meant only an operator can tell. Where a lost register is
    /// succeeded, others of the same list may not know yet that it is, and tell of their first one.
    /// </summary>
    private string? Rival(IReadOnlyCollection<AgreementPeer> peers)
    {
        if (_setup.Founding.Kind is not (FoundingKind.Listed or FoundingKind.Expected))
        {
            return null;
        }

        var rival = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { OffersSeat: true, FoundingSeat: >= 0 } notice }
            && notice.Founders != List!.Id && (_parent.IsNone || (notice.Founders != _first && (notice.Lineage.IsNone || notice.Lineage.Incarnation == _parent.Incarnation))));
        return rival?.Notice is not { } told ? null
            : told.Expect > 0 && _setup.Founding.Kind == FoundingKind.Expected ? string.Create(
                CultureInfo.InvariantCulture,
                $"{rival.Address} expects {told.Expect} of {told.ExpectOf} and does not count here, where {_setup.Founding.Expected} of {_setup.Founding.Of} are expected, so two clusters could be founded: all nodes need the same numbers")
            : $"{rival.Address} was configured with other founders than {string.Join(", ", List!.Entries)}, so two clusters could be founded: all nodes need the same seeds";
    }

    /// <summary>Whether there is a cluster already. The one that is lost does not count, nor do those before it.</summary>
    private bool Contradicts(Lineage told) =>
        !told.IsNone && (_parent.IsNone || (told.Incarnation != _parent.Incarnation && told.Ordinal >= _parent.Ordinal));

    private string? Unheard(long now, IReadOnlyCollection<AgreementPeer> peers)
    {
        AgreementPeer? unheard = null;
        foreach (var peer in peers)
        {
            if (peer is { IsPresent: true, Notice: null })
            {
                _silentSince.TryAdd(peer.Id, now);
                unheard = now - _silentSince[peer.Id] < _timing.NoticePatience.Ticks ? peer : unheard;
            }
            else
            {
                _silentSince.Remove(peer.Id);
            }
        }

        return unheard is null ? null : $"{unheard.Address} has not told yet what it knows";
    }

    private string? Incomplete(long now, IReadOnlyCollection<AgreementPeer> peers)
    {
        if (_setup.Founding.Kind == FoundingKind.Developer)
        {
            var first = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice.OffersSeat: true } && peer.Address.Port < _setup.Address.Port);
            return first is not null ? $"{first.Address} founds the cluster"
                : _setup.Address.Port != GossipAddress.DefaultPort && now - _startedAt < _timing.DeveloperPatience.Ticks ? "the node at the default port is looked for"
                : null;
        }

        if (_roll!.Surplus is { } surplus)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"more than {List!.Entries.Length} nodes {(_parent.IsNone ? "are here" : "are known that were told")} to found, {surplus.Address} among them, and at most so many may be, or two halves could found a cluster each: set the number higher on all nodes{(_parent.IsNone ? "" : ", or recover the table on a node that votes")}");
        }

        var here = _roll.Filled.Count;
        var isQuorate = here >= Needed;
        _quorateSince = isQuorate ? Math.Min(_quorateSince, now) : long.MaxValue;
        if (isQuorate && (_roll.IsComplete || now - _quorateSince >= _timing.Completeness.Ticks))
        {
            return null;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{here} of {List!.Entries.Length} founders are here, {Needed} are needed; missing: {_roll.Missing}");
    }

    private List<SeatCandidate> Candidates(IReadOnlyCollection<AgreementPeer> peers)
    {
        var zones = peers.Where(peer => peer.Notice is not null).ToDictionary(peer => peer.Id, peer => peer.Notice!);
        return
        [
            .. _roll!.Filled.Values.Select(acceptor => zones.TryGetValue(acceptor.Node, out var notice)
                ? new SeatCandidate(acceptor, notice.Zone, IsFounder: true, notice.IsDurable)
                : new SeatCandidate(acceptor, _setup.Zone, IsFounder: true, _setup.IsDurable)),
        ];
    }
}

/// <summary>What to do about founding.</summary>
internal enum FoundingStep
{
    /// <summary>Nothing yet.</summary>
    Wait,

    /// <summary>Take the seat of the list.</summary>
    Bind,

    /// <summary>Have a first register chosen.</summary>
    Found,
}

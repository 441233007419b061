using System.Collections.Immutable;
using System.Globalization;

namespace Gossip.Agreement;

/// <summary>
/// Decides when this node may vote for a first register, and when it should have one chosen. No silence is ever taken for "there is no cluster": whoever is configured as a founder has to be
/// heard, a majority of exactly those on the list, and while a member tells of a cluster that exists, nobody founds. Pure.
/// </summary>
internal sealed class Foundation
{
    private readonly AgreementSetup _setup;
    private readonly FoundingTiming _timing;
    private readonly Dictionary<NodeId, long> _silentSince = [];
    private readonly SortedDictionary<int, AcceptorId> _filled = [];
    private long _quorateSince = long.MaxValue;
    private long _readySince = long.MaxValue;
    private long _toldSince = long.MaxValue;
    private readonly string _address;
    private long _startedAt = long.MinValue;

    public Foundation(AgreementSetup setup, FoundingTiming timing)
    {
        (_setup, _timing, _address) = (setup, timing, setup.Address.ToString());
        List = setup.Founding.Kind switch
        {
            FoundingKind.Listed => FoundingList.Of(setup.Cluster, setup.Founding.Founders),
            FoundingKind.Alone or FoundingKind.Developer => new FoundingList(setup.Cluster, [$"{setup.Acceptor.Node}"]),
            _ => null,
        };
        OwnIndex = setup.Founding.Kind switch
        {
            FoundingKind.Listed when setup.OffersSeat => List!.Entries.IndexOf(_address),
            FoundingKind.Alone or FoundingKind.Developer when setup.OffersSeat => 0,
            _ => -1,
        };
        WaitsFor = List is null
            ? "no cluster was found yet, and this node founds none: it needs seeds of a cluster that exists"
            : $"the founders {string.Join(", ", List.Entries)} have not founded the cluster yet, or cannot be reached";
    }

    /// <summary>The seats that found; null when this node only waits.</summary>
    public FoundingList? List { get; }

    /// <summary>Which of them this node has; -1 for none.</summary>
    public int OwnIndex { get; }

    /// <summary>What founding waits for, in words for who waits for it.</summary>
    public string WaitsFor { get; private set; }

    /// <summary>The node that has a seat of the list.</summary>
    public NodeId NodeOf(AcceptorId seat) => List?.IndexOf(seat) is >= 0 and var index && _filled.TryGetValue(index, out var acceptor) ? acceptor.Node : default;

    /// <summary>Looks at who is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peers">The other members.</param>
    /// <param name="isBound">The acceptor of this node votes for this list.</param>
    /// <param name="seats">For <see cref="FoundingStep.Found"/>: who votes first.</param>
    public FoundingStep Look(long now, IReadOnlyCollection<AgreementPeer> peers, bool isBound, out ImmutableArray<AcceptorId> seats)
    {
        seats = [];
        _startedAt = _startedAt == long.MinValue ? now : _startedAt;
        if (List is null || OwnIndex < 0)
        {
            return FoundingStep.Wait;
        }

        Fill(peers);
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
        var rank = _filled.Keys.TakeWhile(index => index < OwnIndex).Count();
        if (now - _readySince < rank * _timing.Stagger.Ticks)
        {
            return FoundingStep.Wait;
        }

        seats = SeatPolicy.Decide(Configuration.Of(0, []), new Dictionary<AcceptorId, SeatState>(), Candidates(peers)) ?? [_setup.Acceptor];
        return FoundingStep.Found;
    }

    private void Fill(IReadOnlyCollection<AgreementPeer> peers)
    {
        _filled.Clear();
        _filled[OwnIndex] = _setup.Acceptor;
        foreach (var peer in peers.OrderBy(peer => peer.Id))
        {
            // One node fills one entry, and only that of its own address.
            if (peer is { IsPresent: true, Notice: { OffersSeat: true } notice }
                && notice.Founders == List!.Id
                && notice.FoundingSeat >= 0
                && notice.FoundingSeat < List.Entries.Length
                && string.Equals(List.Entries[notice.FoundingSeat], peer.Address.ToString(), StringComparison.Ordinal))
            {
                _filled.TryAdd(notice.FoundingSeat, new AcceptorId(peer.Id, notice.Store));
            }
        }
    }

    /// <summary>Why this node must not vote for a new register now, in words; null when it may.</summary>
    private string? Obstacle(long now, IReadOnlyCollection<AgreementPeer> peers)
    {
        var told = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { Lineage.IsNone: false, IsObserver: false } });
        if (told is not null)
        {
            return $"{told.Address} tells of a cluster that exists ({told.Notice!.Lineage}), so none is founded; its acceptors have to be reached";
        }

        var observed = peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { Lineage.IsNone: false } });
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
    /// A founder that was told of others. Majorities of two lists need not have a node in common, so both could found; which list is meant only an operator can tell.
    /// </summary>
    private string? Rival(IReadOnlyCollection<AgreementPeer> peers)
    {
        var rival = _setup.Founding.Kind != FoundingKind.Listed
            ? null
            : peers.FirstOrDefault(peer => peer is { IsPresent: true, Notice: { OffersSeat: true, FoundingSeat: >= 0 } notice } && notice.Founders != List!.Id);
        return rival is null ? null
            : $"{rival.Address} was configured with other founders than {string.Join(", ", List!.Entries)}, so two clusters could be founded: all nodes need the same seeds";
    }

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

        var missing = List!.Entries.Where((_, index) => !_filled.ContainsKey(index)).ToList();
        var isQuorate = _filled.Count >= List.Configuration.Majority;
        _quorateSince = isQuorate ? Math.Min(_quorateSince, now) : long.MaxValue;
        if (isQuorate && (missing.Count == 0 || now - _quorateSince >= _timing.Completeness.Ticks))
        {
            return null;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_filled.Count} of {List.Entries.Length} founders are here, {List.Configuration.Majority} are needed; missing: {string.Join(", ", missing)}");
    }

    private List<SeatCandidate> Candidates(IReadOnlyCollection<AgreementPeer> peers)
    {
        var zones = peers.Where(peer => peer.Notice is not null).ToDictionary(peer => peer.Id, peer => peer.Notice!);
        return
        [
            .. _filled.Values.Select(acceptor => zones.TryGetValue(acceptor.Node, out var notice)
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

using System.Globalization;

namespace Gossip.Agreement;

/// <summary>
/// Which node fills which entry of a list of founders. An entry that is an address is filled by the node at that address only. Where only the number of founders is known, each node gets an
/// entry when it is first met and keeps it, so that no proposer ever counts one store in two seats. Pure.
/// </summary>
internal sealed class FoundingRoll
{
    private readonly AgreementSetup _setup;
    private readonly FoundingList _list;
    private readonly bool _isByNumber;
    private readonly bool _isSuccession;
    private readonly Dictionary<AcceptorId, int> _met = [];
    private readonly SortedDictionary<int, AcceptorId> _filled = [];

    public FoundingRoll(AgreementSetup setup, FoundingList list, int ownIndex, bool isSuccession)
    {
        (_setup, _list, OwnIndex, _isSuccession) = (setup, list, ownIndex, isSuccession);
        _isByNumber = setup.Founding.Kind == FoundingKind.Expected;
        _met[setup.Acceptor] = ownIndex;
    }

    public int OwnIndex { get; }

    /// <summary>Who is here, by entry.</summary>
    public IReadOnlyDictionary<int, AcceptorId> Filled => _filled;

    /// <summary>One of those who are here to found, when they are more than there are entries.</summary>
    public AgreementPeer? Surplus { get; private set; }

    /// <summary>How many of those who are here go first when all are to try one after the other.</summary>
    public int Rank => _isByNumber
        ? _filled.Values.Count(acceptor => acceptor.Node.CompareTo(_setup.Acceptor.Node) < 0)
        : _filled.Keys.Count(index => index < OwnIndex);

    /// <summary>What is missing, in words.</summary>
    public string Missing => _isByNumber
        ? string.Create(CultureInfo.InvariantCulture, $"{_list.Entries.Length - _filled.Count} of at most {_list.Entries.Length} nodes")
        : string.Join(", ", _list.Entries.Where((_, index) => !_filled.ContainsKey(index)));

    public bool IsComplete => _filled.Count == _list.Entries.Length;

    public AcceptorId? At(int index) => _filled.TryGetValue(index, out var acceptor) ? acceptor : null;

    /// <summary>Looks at who is here.</summary>
    public void Call(IReadOnlyCollection<AgreementPeer> peers)
    {
        _filled.Clear();
        _filled[OwnIndex] = _setup.Acceptor;
        var founders = peers
            .Where(peer => peer is { IsPresent: true, Notice: { OffersSeat: true, FoundingSeat: >= 0 } notice } && notice.Founders == _list.Id)
            .OrderBy(peer => peer.Id)
            .ToList();
        if (_isByNumber)
        {
            Surplus = (_isSuccession ? [.. peers.Where(MayFound)] : founders) is var all && all.Count >= _list.Entries.Length ? all[^1] : null;
            Enter(founders.ConvertAll(peer => new AcceptorId(peer.Id, peer.Notice!.Store)));
        }

        foreach (var peer in founders)
        {
            var acceptor = new AcceptorId(peer.Id, peer.Notice!.Store);
            var index = peer.Notice.FoundingSeat;
            if (_isByNumber && _met.TryGetValue(acceptor, out var entry))
            {
                _filled.TryAdd(entry, acceptor); // where two share one that are both here, the other one waits
            }
            else if (!_isByNumber && index < _list.Entries.Length && string.Equals(_list.Entries[index], peer.Address.ToString(), StringComparison.Ordinal))
            {
                _filled.TryAdd(index, acceptor); // one node fills one entry, and only that of its own address
            }
        }
    }

    /// <summary>A successor may be founded behind a cut, too, by any who were told the same numbers: by all but those that left and kept nothing.</summary>
    private bool MayFound(AgreementPeer peer) =>
        peer.Notice is { FoundingSeat: >= 0 } notice && notice.Expect == _setup.Founding.Expected && notice.ExpectOf == _setup.Founding.Of && !(peer.Presence == PeerPresence.Left && !notice.IsDurable);

    /// <summary>Gives each that is new an entry: one that nobody had, or else one whose node is not here. Two may share one then, and only one of them at a time is asked in it.</summary>
    private void Enter(List<AcceptorId> present)
    {
        var taken = present.Where(_met.ContainsKey).Select(acceptor => _met[acceptor]).Append(OwnIndex).ToHashSet();
        foreach (var acceptor in present.Where(acceptor => !_met.ContainsKey(acceptor)))
        {
            var free = Enumerable.Range(0, _list.Entries.Length).Where(index => !taken.Contains(index)).OrderBy(index => _met.ContainsValue(index)).Append(-1).First();
            if (free >= 0)
            {
                _met.Add(acceptor, free);
                taken.Add(free);
            }
        }
    }
}

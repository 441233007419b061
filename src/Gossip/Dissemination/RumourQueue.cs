using Gossip.Metadata;
using Gossip.Node;

namespace Gossip.Dissemination;

/// <summary>What a rumour tells. It holds no bytes (but for broadcasts): the statement is written when it is sent, so it is never stale.</summary>
internal enum RumourKind
{
    /// <summary>The state of a member.</summary>
    Member,

    /// <summary>One accuser's suspicion of a member.</summary>
    Accusation,

    /// <summary>A change of a member's tags and metadata.</summary>
    Facts,

    /// <summary>A user's broadcast.</summary>
    Broadcast,
}

/// <summary>Identifies a rumour: a newer one with the same key takes its place.</summary>
internal readonly record struct RumourKey(RumourKind Kind, int Slot, NodeId Accuser, ulong Sequence)
{
    /// <summary>Slots tell most keys apart; broadcasts share one, and differ by number.</summary>
    public override int GetHashCode() => (int)SeededRandom.Mix(Accuser.LowBits ^ Sequence ^ ((ulong)Slot << KindBits) ^ (ulong)Kind);

    private const int KindBits = 2;
}

/// <summary>One thing to tell.</summary>
internal sealed class Rumour
{
    public RumourKey Key { get; set; }

    /// <summary>Facts: the rumour covers all changes after this stamp.</summary>
    public FactsPosition Since { get; set; }

    /// <summary>Broadcasts: the encoded message.</summary>
    public byte[] Payload { get; set; } = [];

    /// <summary>How often it was sent.</summary>
    public int Transmissions { get; set; }

    internal LinkedListNode<Rumour>? Node { get; set; }
}

/// <summary>
/// Rumours of one class, the least often sent first (as in SWIM §4.1, which prefers young ones). It has a hard cap; when
/// it is full, the most often sent one makes room, because the most nodes know it.
/// </summary>
internal sealed class RumourQueue(int maxCount, int maxBytes)
{
    // Rumours are much smaller than packets: after a few that do not fit, the packet is as good as full.
    private const int MaxMisses = 8;

    /// <summary>How many that ended are kept for the next ones.</summary>
    private const int MaxSpare = 64;

    private readonly List<LinkedList<Rumour>> _byTransmissions = [];
    private readonly Dictionary<RumourKey, Rumour> _byKey = [];
    private readonly List<Rumour> _sent = [];
    private readonly List<RumourKey> _obsolete = [];
    private readonly Stack<Rumour> _spare = []; // those that ended, so that a cluster in motion leaves no garbage

    public int Count => _byKey.Count;

    public int Bytes { get; private set; }

    /// <summary>True when something waits to be sent for the first time.</summary>
    public bool HasFresh => _byTransmissions.Count > 0 && _byTransmissions[0].Count > 0;

    /// <summary>How many rumours were pushed out before they were sent often enough.</summary>
    public long Evicted { get; private set; }

    public bool TryGet(RumourKey key, out Rumour? rumour) => _byKey.TryGetValue(key, out rumour);

    /// <summary>Whether one more of <paramref name="bytes"/> bytes fits without pushing another out.</summary>
    public bool HasRoom(int bytes) => Count < maxCount && Bytes + bytes <= maxBytes;

    /// <summary>Adds a rumour, or makes an equal one fresh again.</summary>
    public void Add(RumourKey key, FactsPosition since = default, byte[]? payload = null)
    {
        if (_byKey.TryGetValue(key, out var known))
        {
            known.Since = known.Since.Version < since.Version ? known.Since : since;
            Move(known, 0);
            return;
        }

        payload ??= [];
        while (Count > 0 && !HasRoom(payload.Length))
        {
            Remove(MostSent().Key);
            Evicted++;
        }

        if (!_spare.TryPop(out var rumour))
        {
            rumour = new Rumour();
            rumour.Node = new LinkedListNode<Rumour>(rumour);
        }

        rumour.Key = key;
        rumour.Since = since;
        rumour.Payload = payload;
        rumour.Transmissions = 0;
        _byKey.Add(key, rumour);
        Bytes += payload.Length;
        Level(0).AddLast(rumour.Node!);
    }

    public bool Remove(RumourKey key)
    {
        if (!_byKey.Remove(key, out var rumour))
        {
            return false;
        }

        _byTransmissions[rumour.Transmissions].Remove(rumour.Node!);
        Bytes -= rumour.Payload.Length;
        rumour.Payload = [];
        if (_spare.Count < MaxSpare)
        {
            _spare.Push(rumour);
        }

        return true;
    }

    /// <summary>
    /// Offers rumours, the least often sent first, to <paramref name="tryWrite"/>, which says whether it wrote one. Those written
    /// count as sent once more, and are dropped at <paramref name="limit"/>.
    /// </summary>
    public void Fill<TState>(ref TState state, int limit, RumourWriter<TState> tryWrite)
        where TState : allows ref struct
    {
        _sent.Clear();
        var misses = 0;
        for (var level = 0; level < _byTransmissions.Count && misses < MaxMisses; level++)
        {
            for (var node = _byTransmissions[level].First; node is not null && misses < MaxMisses; node = node.Next)
            {
                switch (tryWrite(ref state, node.Value))
                {
                    case RumourFate.Written:
                        _sent.Add(node.Value);
                        break;
                    case RumourFate.DoesNotFit:
                        misses++;
                        break;
                    case RumourFate.Obsolete:
                        _obsolete.Add(node.Value.Key);
                        break;
                    default:
                        break;
                }
            }
        }

        foreach (var rumour in _sent)
        {
            if (rumour.Transmissions + 1 >= limit)
            {
                Remove(rumour.Key);
            }
            else
            {
                Move(rumour, rumour.Transmissions + 1);
            }
        }

        foreach (var key in _obsolete)
        {
            Remove(key);
        }

        _obsolete.Clear();
    }

    private void Move(Rumour rumour, int level)
    {
        _byTransmissions[rumour.Transmissions].Remove(rumour.Node!);
        rumour.Transmissions = level;
        Level(level).AddLast(rumour.Node!);
    }

    private LinkedList<Rumour> Level(int level)
    {
        while (_byTransmissions.Count <= level)
        {
            _byTransmissions.Add(new LinkedList<Rumour>());
        }

        return _byTransmissions[level];
    }

    private Rumour MostSent()
    {
        for (var level = _byTransmissions.Count - 1; ; level--)
        {
            if (_byTransmissions[level].First is { } node)
            {
                return node.Value;
            }
        }
    }
}

/// <summary>What became of a rumour that was offered for a packet.</summary>
internal enum RumourFate
{
    Written,
    DoesNotFit,

    /// <summary>Not for this receiver; it stays for others.</summary>
    Withheld,

    /// <summary>No longer true; it is dropped.</summary>
    Obsolete,
}

/// <summary>Writes a rumour into a packet, if it fits.</summary>
internal delegate RumourFate RumourWriter<TState>(ref TState state, Rumour rumour)
    where TState : allows ref struct;

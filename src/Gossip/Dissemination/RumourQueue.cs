using Gossip.Metadata;

namespace Gossip.Dissemination;

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

    private readonly List<RumourList> _byTransmissions = [];
    private readonly RumourIndex _byKey = new();
    private readonly List<Rumour> _sent = [];
    private readonly List<Rumour> _obsolete = [];
    private readonly Stack<Rumour> _spare = []; // those that ended, so that a cluster in motion leaves no garbage

    public int Count => _byKey.Count;

    public int Bytes { get; private set; }

    /// <summary>True when something waits to be sent for the first time.</summary>
    public bool HasFresh => _byTransmissions.Count > 0 && _byTransmissions[0].First is not null;

    /// <summary>How many rumours were pushed out before they were sent often enough.</summary>
    public long Evicted { get; private set; }

    public bool TryGet(RumourKey key, out Rumour? rumour) => _byKey.TryGet(key, out rumour);

    /// <summary>Whether one more of <paramref name="bytes"/> bytes fits without pushing another out.</summary>
    public bool HasRoom(int bytes) => Count < maxCount && Bytes + bytes <= maxBytes;

    /// <summary>Adds a rumour, or makes an equal one fresh again.</summary>
    public void Add(RumourKey key, FactsPosition since = default, byte[]? payload = null)
    {
        if (_byKey.TryGet(key, out var known))
        {
            known.Since = known.Since.Version < since.Version ? known.Since : since;
            Move(known, 0);
            return;
        }

        payload ??= [];
        while (Count > 0 && !HasRoom(payload.Length))
        {
            Remove(MostSent());
            Evicted++;
        }

        if (!_spare.TryPop(out var rumour))
        {
            rumour = new Rumour();
        }

        rumour.Key = key;
        rumour.Since = since;
        rumour.Payload = payload;
        rumour.Transmissions = 0;
        _byKey.Add(rumour);
        Bytes += payload.Length;
        Level(0).Append(rumour);
    }

    public bool Remove(RumourKey key)
    {
        if (!_byKey.TryGet(key, out var rumour))
        {
            return false;
        }

        Remove(rumour);
        return true;
    }

    /// <summary>
    /// Offers rumours, the least often sent first, to <paramref name="tryWrite"/>, which says whether it wrote one. Those written
    /// count as sent once more, and are dropped at <paramref name="limit"/>.
    /// </summary>
    public void Fill<TState>(ref TState state, int limit, RumourWriter<TState> tryWrite)
        where TState : allows ref struct
    {
        var misses = 0;
        for (var level = 0; level < _byTransmissions.Count && misses < MaxMisses; level++)
        {
            for (var rumour = _byTransmissions[level].First; rumour is not null && misses < MaxMisses; rumour = rumour.Next)
            {
                switch (tryWrite(ref state, rumour))
                {
                    case RumourFate.Written:
                        _sent.Add(rumour);
                        break;
                    case RumourFate.DoesNotFit:
                        misses++;
                        break;
                    case RumourFate.Obsolete:
                        _obsolete.Add(rumour);
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
                Remove(rumour);
            }
            else
            {
                Move(rumour, rumour.Transmissions + 1);
            }
        }

        foreach (var rumour in _obsolete)
        {
            Remove(rumour);
        }

        _sent.Clear();
        _obsolete.Clear();
    }

    private void Remove(Rumour rumour)
    {
        _byKey.Remove(rumour);
        _byTransmissions[rumour.Transmissions].Remove(rumour);
        Bytes -= rumour.Payload.Length;
        rumour.Payload = [];
        rumour.Previous = rumour.Next = null; // a spare one must not keep others alive
        if (_spare.Count < MaxSpare)
        {
            _spare.Push(rumour);
        }
    }

    private void Move(Rumour rumour, int level)
    {
        _byTransmissions[rumour.Transmissions].Remove(rumour);
        rumour.Transmissions = level;
        Level(level).Append(rumour);
    }

    private RumourList Level(int level)
    {
        while (_byTransmissions.Count <= level)
        {
            _byTransmissions.Add(new RumourList());
        }

        return _byTransmissions[level];
    }

    private Rumour MostSent()
    {
        for (var level = _byTransmissions.Count - 1; ; level--)
        {
            if (_byTransmissions[level].First is { } rumour)
            {
                return rumour;
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

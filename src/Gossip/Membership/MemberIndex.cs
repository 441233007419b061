using Gossip.Node;

namespace Gossip.Membership;

/// <summary>
/// Finds slots by identity. Most of what arrives is about members that are known, so in a large cluster this is where a node waits for memory: a
/// place in the index is eight bytes, and only a member whose hash fits is looked at.
/// </summary>
/// <param name="seed">Makes the places of identities differ between nodes, so that nobody can choose identities that share one.</param>
internal sealed class MemberIndex(ulong seed)
{
    private const int InitialPlaces = 16;

    private Place[] _places = new Place[InitialPlaces];

    public int Count { get; private set; }

    /// <summary>The hash of an identity, of which the low bits choose its place.</summary>
    public uint Hash(NodeId id) => (uint)SeededRandom.Mix(SeededRandom.Mix(id.LowBits ^ seed) ^ id.HighBits);

    /// <summary>The slots that may belong to a hash: begin with zero for <paramref name="probe"/>, and go on until the answer is negative.</summary>
    public int Next(uint hash, ref uint probe)
    {
        var mask = (uint)_places.Length - 1;
        while (true)
        {
            var place = _places[(hash + probe++) & mask];
            if (place.SlotPlusOne == 0)
            {
                return -1;
            }

            if (place.Hash == hash)
            {
                return place.SlotPlusOne - 1;
            }
        }
    }

    public void Add(uint hash, int slot)
    {
        // At most three quarters are taken, so that searches end soon.
        if (++Count > _places.Length / 4 * 3)
        {
            Grow();
        }

        Put(new Place(hash, slot + 1));
    }

    public void Remove(uint hash, int slot)
    {
        var mask = (uint)_places.Length - 1;
        var hole = hash & mask;
        while (_places[hole].SlotPlusOne != slot + 1)
        {
            hole = (hole + 1) & mask;
        }

        // Whoever was put further on because this place was taken moves up: a gap would end the search for it.
        for (var i = (hole + 1) & mask; _places[i].SlotPlusOne != 0; i = (i + 1) & mask)
        {
            if (((i - _places[i].Hash) & mask) >= ((i - hole) & mask))
            {
                _places[hole] = _places[i];
                hole = i;
            }
        }

        _places[hole] = default;
        Count--;
    }

    private void Grow()
    {
        var old = _places;
        _places = new Place[old.Length * 2];
        foreach (var place in old)
        {
            if (place.SlotPlusOne != 0)
            {
                Put(place);
            }
        }
    }

    private void Put(Place place)
    {
        var mask = (uint)_places.Length - 1;
        var i = place.Hash & mask;
        while (_places[i].SlotPlusOne != 0)
        {
            i = (i + 1) & mask;
        }

        _places[i] = place;
    }

    /// <summary>Zero in place of a slot means that the place is free.</summary>
    private readonly record struct Place(uint Hash, int SlotPlusOne);
}

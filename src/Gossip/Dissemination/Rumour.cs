using System.Runtime.InteropServices;
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

    /// <summary>That a user's broadcast is there to be fetched.</summary>
    Offer,
}

/// <summary>Identifies a rumour: a newer one with the same key takes its place.</summary>
[StructLayout(LayoutKind.Auto)] // in the order below it would be half as large again
internal readonly record struct RumourKey(RumourKind Kind, int Slot, NodeId Accuser, ulong Sequence)
{
    /// <summary>Slots tell most keys apart; broadcasts share one, and differ by number.</summary>
    public override int GetHashCode() => (int)SeededRandom.Mix(Accuser.LowBits ^ Sequence ^ ((ulong)Slot << KindBits) ^ (ulong)Kind);

    private const int KindBits = 3;
}

/// <summary>One thing to tell. It is its own place in a queue and in an index, because a large cluster in motion has many.</summary>
internal sealed class Rumour
{
    public RumourKey Key { get; set; }

    /// <summary>Facts: the rumour covers all changes after this stamp.</summary>
    public FactsPosition Since { get; set; }

    /// <summary>Broadcasts: the encoded message.</summary>
    public byte[] Payload { get; set; } = [];

    /// <summary>How often it was sent.</summary>
    public int Transmissions { get; set; }

    internal Rumour? Previous { get; set; }

    internal Rumour? Next { get; set; }

    /// <summary>The next one in the <see cref="RumourIndex"/>.</summary>
    internal Rumour? NextInBucket { get; set; }
}

/// <summary>Rumours in a row.</summary>
internal sealed class RumourList
{
    private Rumour? _last;

    public Rumour? First { get; private set; }

    public void Append(Rumour rumour)
    {
        rumour.Previous = _last;
        rumour.Next = null;
        if (_last is null)
        {
            First = rumour;
        }
        else
        {
            _last.Next = rumour;
        }

        _last = rumour;
    }

    public void Remove(Rumour rumour)
    {
        if (rumour.Previous is null)
        {
            First = rumour.Next;
        }
        else
        {
            rumour.Previous.Next = rumour.Next;
        }

        if (rumour.Next is null)
        {
            _last = rumour.Previous;
        }
        else
        {
            rumour.Next.Previous = rumour.Previous;
        }
    }
}

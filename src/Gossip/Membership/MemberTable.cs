using System.Diagnostics.CodeAnalysis;
using Gossip.Metadata;
using Gossip.Transport;

namespace Gossip.Membership;

/// <summary>
/// All members by slot and by identity. Slots are dense and reused, so other structures hold ints; slot 0 is the node itself.
/// </summary>
internal sealed class MemberTable(int capacity, FactLimits factLimits, ulong hashSeed = 0)
{
    public const int LocalSlot = 0;

    private const int EvictionCandidates = 16;

    private readonly List<Member?> _slots = [];
    private readonly MemberIndex _index = new(hashSeed);
    private readonly Stack<int> _free = new();
    private int _evictionHand;
    private ProtocolVersions? _common;

    /// <summary>How many members are known, with the dead and the gone.</summary>
    public int Count => _index.Count;

    /// <summary>How many members take part, with the node itself.</summary>
    public int PresentCount { get; private set; }

    /// <summary>
    /// What all members read that take part, and the node itself; empty when there is no such version. It changes only when one comes or goes, for a life
    /// reads the same from its beginning to its end.
    /// </summary>
    public ProtocolVersions CommonVersions
    {
        get
        {
            if (_common is not { } common)
            {
                common = Local.Versions;
                foreach (var member in All)
                {
                    common = member.IsPresent ? common.With(member.Versions) : common;
                }

                _common = common;
            }

            return common;
        }
    }

    /// <summary>One more than the highest slot in use.</summary>
    public int SlotCount => _slots.Count;

    public Member Local => _slots[LocalSlot]!;

    public Member? this[int slot] => (uint)slot < (uint)_slots.Count ? _slots[slot] : null;

    /// <summary>All members, in the order of their slots.</summary>
    public MemberSequence All => new(_slots);

    public bool TryFind(NodeId id, [NotNullWhen(true)] out Member? member)
    {
        var hash = _index.Hash(id);
        for (uint probe = 0; _index.Next(hash, ref probe) is var slot and >= 0;)
        {
            member = _slots[slot]!;
            if (member.Id == id)
            {
                return true;
            }
        }

        member = null;
        return false;
    }

    /// <summary>
    /// Whether the body of a statement is, byte for byte, what this node itself would say: then nothing in it is new. Most that arrive are,
    /// because each statement reaches a node many times.
    /// </summary>
    public bool SaysTheSame(ReadOnlySpan<byte> body)
    {
        if (!MemberStatement.TryReadSubject(body, out var id))
        {
            return false;
        }

        var hash = _index.Hash(id);
        for (uint probe = 0; _index.Next(hash, ref probe) is var slot and >= 0;)
        {
            if (_slots[slot]!.Encoded.Equals(body))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many more <see cref="TryAdd"/> would find room for, in place of the gone if need be.</summary>
    public int Room => capacity - PresentCount - (Local.IsPresent ? 0 : 1);

    /// <summary>Adds a member, or returns null when the table is full of members that cannot be forgotten.</summary>
    public Member? TryAdd(NodeInstance instance, in NodeEndpoint endpoint, out Member? evicted)
    {
        evicted = null;
        if (_index.Count >= capacity)
        {
            evicted = OldestGone();
            if (evicted is null)
            {
                return null;
            }

            Remove(evicted);
        }

        if (!_free.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
        }

        var member = new Member(slot, instance, factLimits) { Endpoint = endpoint };
        _slots[slot] = member;
        _index.Add(_index.Hash(instance.Id), slot);
        return member;
    }

    public void Remove(Member member)
    {
        if (member.IsPresent)
        {
            PresentCount--;
            _common = null;
        }

        _index.Remove(_index.Hash(member.Id), member.Slot);
        _slots[member.Slot] = null;
        _free.Push(member.Slot);
    }

    /// <summary>Changes a member's state, and keeps count of those who take part.</summary>
    public void SetState(Member member, MemberState state, long now)
    {
        var before = member.IsPresent;
        member.State = state;
        member.StateSince = now;
        if (member.IsPresent != before)
        {
            PresentCount += member.IsPresent ? 1 : -1;
            _common = null;
        }
    }

    /// <summary>The oldest of some of the gone: a flood of newcomers must not cost a walk through the table each.</summary>
    private Member? OldestGone()
    {
        Member? oldest = null;
        var candidates = 0;
        for (var visited = 0; visited < _slots.Count && candidates < EvictionCandidates && PresentCount < _index.Count; visited++)
        {
            _evictionHand = (_evictionHand + 1) % _slots.Count;
            if (_slots[_evictionHand] is { IsGone: true } member)
            {
                candidates++;
                if (oldest is null || member.StateSince < oldest.StateSince)
                {
                    oldest = member;
                }
            }
        }

        return oldest;
    }
}

using System.Collections;

namespace Gossip.Membership;

/// <summary>All members of a table in the order of their slots, without garbage for whoever only walks through them.</summary>
internal readonly struct MemberSequence(List<Member?> slots) : IEnumerable<Member>
{
    public Enumerator GetEnumerator() => new(slots);

    IEnumerator<Member> IEnumerable<Member>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal struct Enumerator(List<Member?> slots) : IEnumerator<Member>
    {
        private int _next;

        public Member Current { get; private set; } = null!;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            while (_next < slots.Count)
            {
                if (slots[_next++] is { } member)
                {
                    Current = member;
                    return true;
                }
            }

            return false;
        }

        public void Reset() => _next = 0;

        public readonly void Dispose()
        {
        }
    }
}

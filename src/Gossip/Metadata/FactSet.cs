using System.Collections.Immutable;
using System.Text;
using Gossip.Wire;

namespace Gossip.Metadata;

/// <summary>
/// All facts of one life of one node, held by the node itself (the owner) or by any other (a replica). Replication follows
/// Scuttlebutt (van Renesse et al. 2008) as chitchat has it: only the owner writes, its stamps rise, so "all facts up to stamp
/// v" sums up what somebody has; of two facts about one key the one with the higher stamp holds.
/// </summary>
/// <remarks>
/// A deletion is a fact, too: a tombstone. Once the owner forgets tombstones it raises <see cref="Floor"/>. Whoever has not
/// seen all deletions up to the floor needs a snapshot, which says what exists, and drops whatever the snapshot leaves out.
/// Not safe for use by several threads; what <see cref="Tags"/> and <see cref="Metadata"/> return is.
/// </remarks>
internal sealed class FactSet(FactLimits limits)
{
    /// <summary>So many are compared with each other quicker than by way of a dictionary.</summary>
    private const int FewFacts = 16;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Fact[] _facts = []; // in the order of stamps; replaced as a whole, so a refused change leaves no trace
    private ulong _complete; // the highest version ever: what exists and is not newer is here, so anything else that old is outdated
    private ImmutableSortedSet<string> _tags = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private MetadataMap _metadata = MetadataMap.Empty;
    private MetadataMap _system = MetadataMap.Empty;
    private bool _mapped = true; // the three above are of the facts as they are

    /// <summary>All facts with stamps up to this one are here. For the owner: the stamp of the last change.</summary>
    public ulong Version { get; private set; }

    /// <summary>Tombstones up to this stamp have been forgotten; see <see cref="FactsPosition"/> for what it means above <see cref="Version"/>.</summary>
    public ulong Floor { get; private set; }

    public FactsPosition Position => new(Version, Floor);

    /// <summary>The number of facts, tombstones included.</summary>
    public int Count => _facts.Length;

    /// <summary>The bytes that all facts take in a delta.</summary>
    public int SizeInBytes { get; private set; }

    /// <summary>The tags, in ordinal order; the same object until one changes.</summary>
    public ImmutableSortedSet<string> Tags => Mapped()._tags;

    /// <summary>The metadata; the same object until it changes.</summary>
    public MetadataMap Metadata => Mapped()._metadata;

    /// <summary>What the library's own parts tell; the same object until it changes.</summary>
    public MetadataMap System => Mapped()._system;

    public bool TryGet(FactKind kind, string key, out MetadataValue value)
    {
        var found = Find(kind, key)?.Value;
        value = found.GetValueOrDefault();
        return found.HasValue;
    }

    /// <summary>Owner: says something. An equal value changes nothing.</summary>
    /// <returns>Whether there was a change.</returns>
    /// <exception cref="ArgumentException">The key is empty or no text, the value has no known kind, or the stamp is not above <see cref="Version"/>.</exception>
    /// <exception cref="MetadataLimitException">There would be too much.</exception>
    public bool Set(FactKind kind, string key, MetadataValue value, ulong stamp)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        limits.DemandKey(key, StrictUtf8.GetByteCount(key));
        if (value.Kind == MetadataValueKind.Unknown)
        {
            throw new ArgumentException("The value is empty. Assign a string, number, truth value, moment or bytes.", nameof(value));
        }

        var old = Find(kind, key);
        if (old?.Value == value)
        {
            return false;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(stamp, Version);
        var fact = Fact.Create(kind, key, value, stamp);
        limits.Demand(Count + (old is null ? 1 : 0), SizeInBytes + fact.Size - (old?.Size ?? 0));
        Append(fact, old);
        return true;
    }

    /// <summary>Owner: takes something back. What is absent stays absent.</summary>
    /// <returns>Whether there was a change.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The stamp is not above <see cref="Version"/>.</exception>
    public bool Remove(FactKind kind, string key, ulong stamp)
    {
        if (Find(kind, key) is not { IsTombstone: false } old)
        {
            return false;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(stamp, Version);
        Append(Fact.Create(kind, key, value: null, stamp), old);
        return true;
    }

    /// <summary>Owner: remembers how things are, so that several changes can be made all or none.</summary>
    public Savepoint Mark() => new(_facts, Version, Floor);

    /// <summary>Owner: undoes all changes since the mark.</summary>
    public void Restore(Savepoint mark) => Commit(mark.Facts, mark.Version, mark.Floor);

    /// <summary>What another set has to be told to say the same as this one.</summary>
    public IEnumerable<FactChange> Existing() =>
        _facts.Where(fact => !fact.IsTombstone).Select(fact => new FactChange(fact.Kind, fact.Key, fact.Value));

    /// <summary>Owner: forgets the tombstones with stamps below <paramref name="olderThan"/>, and raises <see cref="Floor"/> to the last of them.</summary>
    public void CollectTombstones(ulong olderThan)
    {
        ulong last = 0; // facts are in the order of stamps
        foreach (var fact in _facts)
        {
            last = fact.IsTombstone && fact.Stamp < olderThan && fact.Stamp <= Version ? fact.Stamp : last;
        }

        RaiseFloor(last);
    }

    /// <summary>
    /// Replica: forgets the tombstones that the owner is known to have forgotten, as a reader's higher floor proves. Does
    /// nothing while this set has not got that far itself.
    /// </summary>
    public void RaiseFloor(ulong floor)
    {
        if (floor > Floor && floor <= Version)
        {
            ForgetUpTo(floor);
        }
    }

    /// <summary>By itself, because every call of <see cref="RaiseFloor"/> would pay for the closure.</summary>
    private void ForgetUpTo(ulong floor) => Commit(Array.FindAll(_facts, fact => !fact.IsTombstone || fact.Stamp > floor), Version, floor);

    /// <summary>
    /// Writes the body of a <see cref="MessageKind.Facts"/> message: what a reader at <paramref name="since"/> lacks, in the order
    /// of stamps, as far as the buffer goes. Call again with the same variable, while it answers <see cref="FactsWritten.Part"/>.
    /// </summary>
    /// <param name="writer">Where to; nothing else may have overflowed it.</param>
    /// <param name="owner">Whose facts these are.</param>
    /// <param name="since">What the reader has; afterwards, what it has once it has applied the delta.</param>
    public FactsWritten WriteDelta(ref WireWriter writer, NodeInstance owner, ref FactsPosition since)
    {
        // A reader who missed tombstones that are forgotten here cannot learn of those deletions from later facts. One who is
        // reading the snapshot that goes with this floor can, and continues.
        var continues = since.Version >= Floor || since.Floor == Floor;
        var after = continues ? since.Version : 0;
        var room = writer.Remaining - FactsDelta.SizeOfHeader(owner);
        if (room < 0)
        {
            return FactsWritten.Nothing;
        }

        var first = CountUpTo(after);
        var end = CountUpTo(Version); // above its version a replica has facts, but not all of them
        var next = first;
        for (; next < end && _facts[next].Size <= room; next++)
        {
            room -= _facts[next].Size;
        }

        var complete = next >= end;
        var advert = complete ? continues && after >= Version : next == first;
        if (advert)
        {
            after = Version; // a reader who lags sees a gap, and anybody else nothing new
        }

        var upto = complete || advert ? Version : _facts[next - 1].Stamp;
        FactsDelta.WriteHeader(ref writer, owner, after, upto, Floor);
        if (advert)
        {
            return FactsWritten.Advert;
        }

        foreach (var fact in _facts.AsSpan(first..next))
        {
            FactsDelta.WriteEntry(ref writer, fact);
        }

        since = new FactsPosition(upto, Math.Max(since.Floor, Floor));
        return complete ? FactsWritten.Rest : FactsWritten.Part;
    }

    /// <summary>Replica: whether a delta can tell nothing new, whatever its entries are.</summary>
    public bool IsKnown(scoped in FactsDelta delta) => delta.Upto <= Version && delta.Floor <= Math.Max(Version, Floor);

    /// <summary>
    /// Replica: takes in a delta that anybody wrote about the same life of the owner. Deltas may be lost, repeated and reordered.
    /// </summary>
    public FactsOutcome Apply(scoped in FactsDelta delta)
    {
        var known = Math.Max(Version, Floor);
        if (IsKnown(delta))
        {
            RaiseFloor(delta.Floor);
            return FactsOutcome.Ignored;
        }

        if (!limits.Admit(delta))
        {
            return FactsOutcome.Refused;
        }

        // Between snapshot parts only a delta of the very same floor fits: an earlier one may hold what was deleted since,
        // and a later one leaves out deletions that the parts so far do not account for.
        var restarts = delta.After == 0 && delta.Floor > known;
        var continues = delta.After <= Version && (Version >= Floor ? delta.Floor <= Version : delta.Floor == Floor);
        if (!restarts && !continues)
        {
            // What lies below the floor may have been deleted, and only a delta that closes the gap can tell.
            return delta.Count == 0 || Merge(delta.ToFacts(), Math.Max(_complete, Floor), Unconfirmed.None, Position)
                ? FactsOutcome.Gap
                : FactsOutcome.Refused;
        }

        // Without forgotten deletions in play, whatever the delta leaves out has a successor that is still to come. Dropping
        // it early would make it vanish for a moment.
        var unconfirmed = restarts || Version < Floor ? new Unconfirmed(restarts ? 0 : Version, delta.Upto) : Unconfirmed.None;
        var position = new FactsPosition(delta.Upto, Math.Max(Floor, delta.Floor));
        return Merge(delta.ToFacts(), _complete, unconfirmed, position) ? FactsOutcome.Applied : FactsOutcome.Refused;
    }

    private bool Merge(Fact[] news, ulong newsAfter, Unconfirmed unconfirmed, FactsPosition position)
    {
        if (IsWhole(news, newsAfter, Math.Min(position.Floor, position.Version)))
        {
            if (!limits.AdmitReplica(news.Length, SizeOf(news)))
            {
                return false;
            }

            Commit(news, position.Version, position.Floor);
            return true;
        }

        var newest = _facts.ToDictionary(fact => (fact.Kind, fact.Key));
        foreach (var fact in news)
        {
            var stamp = newest.TryGetValue((fact.Kind, fact.Key), out var other) ? other.Stamp : 0;
            var confirms = fact.Stamp == stamp;
            if (confirms || (fact.Stamp > newsAfter && fact.Stamp > stamp))
            {
                newest[(fact.Kind, fact.Key)] = fact;
            }
        }

        // Only now: what is dropped has a successor, so what is even older must not take its place.
        foreach (var fact in _facts)
        {
            if (unconfirmed.Contains(fact.Stamp) && newest[(fact.Kind, fact.Key)] == fact)
            {
                newest.Remove((fact.Kind, fact.Key));
            }
        }

        // Above the version a tombstone still guards against older facts of its key.
        var forgotten = Math.Min(position.Floor, position.Version);
        Fact[] merged = [.. newest.Values.Where(fact => !fact.IsTombstone || fact.Stamp > forgotten).OrderBy(fact => fact.Stamp)];
        if (!limits.AdmitReplica(merged.Length, SizeOf(merged)))
        {
            return false;
        }

        Commit(merged, position.Version, position.Floor);
        return true;
    }

    /// <summary>
    /// Whether there is nothing to merge with: the set is empty and each of the few facts is about another key. So it is when a member is
    /// met, and in a large cluster that happens most.
    /// </summary>
    private bool IsWhole(Fact[] news, ulong newsAfter, ulong forgotten)
    {
        if (_facts.Length > 0 || news.Length > FewFacts)
        {
            return false;
        }

        for (var i = 0; i < news.Length; i++)
        {
            if (news[i].Stamp <= newsAfter || (news[i].IsTombstone && news[i].Stamp <= forgotten))
            {
                return false;
            }

            for (var j = 0; j < i; j++)
            {
                if (news[j].Concerns(news[i].Kind, news[i].Key))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void Append(Fact fact, Fact? replaced) =>
        Commit([.. _facts.Where(other => other != replaced), fact], fact.Stamp, Floor);

    private void Commit(Fact[] facts, ulong version, ulong floor)
    {
        Version = version;
        Floor = floor;
        _complete = Math.Max(_complete, version);
        if (facts.AsSpan().SequenceEqual(_facts))
        {
            return;
        }

        _facts = facts;
        SizeInBytes = SizeOf(facts);
        _mapped = false;
    }

    /// <summary>Works out what readers see. What is as it was stays the same object, by which watchers know that nothing changed there.</summary>
    private FactSet Mapped()
    {
        if (!_mapped)
        {
            var tags = Present(FactKind.Tag).Select(fact => fact.Key).Order(StringComparer.Ordinal);
            _tags = tags.SequenceEqual(_tags, StringComparer.Ordinal) ? _tags : ImmutableSortedSet.CreateRange(StringComparer.Ordinal, tags);
            _metadata = _metadata.With(Present(FactKind.Metadata));
            _system = _system.With(Present(FactKind.System));
            _mapped = true;
        }

        return this;
    }

    private static int SizeOf(Fact[] facts)
    {
        var size = 0;
        foreach (var fact in facts)
        {
            size += fact.Size;
        }

        return size;
    }

    private IEnumerable<Fact> Present(FactKind kind) => _facts.Where(fact => fact.Kind == kind && !fact.IsTombstone);

    private Fact? Find(FactKind kind, string key) => Array.Find(_facts, fact => fact.Concerns(kind, key));

    // The number of facts with stamps up to the given one.
    private int CountUpTo(ulong stamp)
    {
        int low = 0, high = _facts.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_facts[middle].Stamp <= stamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    // The stamps of facts that go unless a snapshot has them, too.
    private readonly record struct Unconfirmed(ulong After, ulong Upto)
    {
        public static Unconfirmed None => default;

        public bool Contains(ulong stamp) => stamp > After && stamp <= Upto;
    }

    /// <summary>How a set was at some moment.</summary>
    internal readonly record struct Savepoint(Fact[] Facts, ulong Version, ulong Floor);
}

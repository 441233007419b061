using System.Globalization;

namespace Gossip;

/// <summary>
/// A moment of a hybrid logical clock: wall time where clocks agree, and an order that respects cause and effect where they
/// do not (Kulkarni et al., "Logical Physical Clocks", 2014). Later changes of one node always have higher timestamps.
/// </summary>
/// <remarks>
/// 64 bits: the upper 54 count microseconds since 2025-01-01T00:00Z, which lasts until the year 2595; the lower 10 tell
/// events of one microsecond apart. Comparing the bits compares the moments.
/// </remarks>
public readonly record struct HybridTimestamp : IComparable<HybridTimestamp>
{
    internal const int CounterBits = 10;
    internal const ulong CounterMask = (1UL << CounterBits) - 1;

    /// <summary>The highest microsecond that a timestamp can hold.</summary>
    internal const ulong MaxMicros = ulong.MaxValue >> CounterBits;

    // A recent start leaves more of the 54 bits for the future.
    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal HybridTimestamp(ulong value) => Value = value;

    /// <summary>The wall time part, in UTC, to the microsecond.</summary>
    public DateTimeOffset Time => Epoch.AddTicks((long)(Value >> CounterBits) * TimeSpan.TicksPerMicrosecond);

    /// <summary>The logical part, 0 to 1023: orders events of one microsecond.</summary>
    public int Counter => (int)(Value & CounterMask);

    /// <summary>The 64 bits as they are on the wire.</summary>
    internal ulong Value { get; }

    /// <inheritdoc/>
    public int CompareTo(HybridTimestamp other) => Value.CompareTo(other.Value);

    /// <summary>The time in RFC 3339 form, and the counter.</summary>
    /// <returns>For example <c>2025-06-01T12:00:00.000250Z+3</c>.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}+{Counter}");

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(HybridTimestamp left, HybridTimestamp right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(HybridTimestamp left, HybridTimestamp right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is earlier or the same.</summary>
    public static bool operator <=(HybridTimestamp left, HybridTimestamp right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is later or the same.</summary>
    public static bool operator >=(HybridTimestamp left, HybridTimestamp right) => left.Value >= right.Value;

    /// <summary>The wall time as the clock counts it: microseconds since the start of 2025, and 0 for any earlier time.</summary>
    internal static ulong ToMicros(DateTimeOffset time) =>
        (ulong)Math.Max(0, (time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
}

namespace Gossip.Discovery.Dns;

/// <summary>Answers, for as long as they hold. Times are <see cref="TimeProvider"/> timestamps as spans since any fixed moment.</summary>
internal sealed class DnsCache
{
    public const int Capacity = 256;

    /// <summary>Whoever says more can still be asked every hour.</summary>
    public static readonly TimeSpan MaxTtl = TimeSpan.FromHours(1);

    /// <summary>A cluster that starts waits for names to appear: that there are none is believed for a moment only.</summary>
    public static readonly TimeSpan MaxNegativeTtl = TimeSpan.FromSeconds(5);

    private readonly Dictionary<DnsQuestion, (DnsResponse Response, TimeSpan Until)> _entries = [];

    public int Count => _entries.Count;

    public DnsResponse? Find(in DnsQuestion question, TimeSpan now)
    {
        if (!_entries.TryGetValue(question, out var entry))
        {
            return null;
        }

        if (now < entry.Until)
        {
            return entry.Response;
        }

        _entries.Remove(question);
        return null;
    }

    public void Add(DnsResponse response, TimeSpan now)
    {
        var ttl = TtlOf(response);
        if (ttl <= TimeSpan.Zero)
        {
            return;
        }

        if (_entries.Count >= Capacity && !_entries.ContainsKey(response.Question))
        {
            _entries.Remove(_entries.MinBy(static entry => entry.Value.Until).Key);
        }

        _entries[response.Question] = (response, now + ttl);
    }

    /// <summary>As long as the first of its records holds; the addresses that came beside count, for they are used, too.</summary>
    public static TimeSpan TtlOf(DnsResponse response)
    {
        if (DnsAnswer.Of(response).Records.Count == 0)
        {
            return Least(TimeSpan.FromSeconds(response.NegativeTtl ?? 0), MaxNegativeTtl);
        }

        return Least(TimeSpan.FromSeconds(response.Answers.Concat(response.Additional).Min(static record => record.Ttl)), MaxTtl);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

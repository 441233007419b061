using System.Net;

namespace Gossip.Discovery.Dns;

/// <summary>What an answer says of the question once aliases are followed.</summary>
/// <param name="Owner">The name that the aliases lead to.</param>
/// <param name="Records">The records of that name, of the type that was asked for.</param>
internal sealed record DnsAnswer(string Owner, IReadOnlyList<DnsRecord> Records)
{
    /// <summary>Longer chains are loops, or mistakes.</summary>
    public const int MaxAliases = 8;

    /// <summary>Follows the aliases as far as the response tells of them.</summary>
    public static DnsAnswer Of(DnsResponse response)
    {
        var owner = response.Question.Name;
        for (var aliases = 0; ; aliases++)
        {
            DnsRecord[] records = [.. response.Answers.Where(record => record.Type == response.Question.Type && record.Name == owner)];
            if (records.Length > 0 || aliases == MaxAliases || response.Answers.FirstOrDefault(record => record.Type == DnsType.Cname && record.Name == owner) is not { Target: { } target })
            {
                return new DnsAnswer(owner, records);
            }

            owner = target;
        }
    }

    /// <summary>The addresses of a host that came beside.</summary>
    public static IPAddress[] AddressesOf(string host, DnsResponse response) =>
        [.. response.Additional.Where(record => record.Address is not null && record.Name == host).Select(static record => record.Address!)];

    /// <summary>The services in the order in which to try them.</summary>
    /// <remarks>
    /// RFC 2782: lower priorities first; among equals one after the other is drawn, with a chance after its weight, and those without weight have a small one. A target that is the root says that
    /// there is no such service.
    /// </remarks>
    /// <param name="services">The records.</param>
    /// <param name="draw">Draws a number from zero to below its argument.</param>
    public static IEnumerable<DnsRecord> Arrange(IEnumerable<DnsRecord> services, Func<int, int> draw)
    {
        foreach (var group in services.Where(static record => record.Target is { Length: > 0 }).GroupBy(static record => record.Service.Priority).OrderBy(static group => group.Key))
        {
            List<DnsRecord> rest = [.. group.OrderBy(static record => record.Service.Weight)];
            while (rest.Count > 0)
            {
                var drawn = draw(rest.Sum(static record => record.Service.Weight) + 1);
                var at = 0;
                for (var sum = (int)rest[0].Service.Weight; sum < drawn; sum += rest[++at].Service.Weight)
                {
                }

                yield return rest[at];
                rest.RemoveAt(at);
            }
        }
    }
}

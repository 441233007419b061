using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Gossip.Node;
using Gossip.Transport;

namespace Gossip.Discovery.Dns;

/// <summary>Looks up services and hosts by asking DNS servers, because .NET has no way to ask for SRV records. Answers are kept as long as they hold.</summary>
/// <param name="settings">Whom to ask, read anew for each lookup.</param>
/// <param name="time">Its clock.</param>
/// <param name="randomSeed">Seeds the draws among services of one priority.</param>
internal sealed class DnsClient(Func<DnsSettings> settings, TimeProvider time, ulong randomSeed)
{
    private readonly Lock _gate = new();
    private readonly DnsCache _cache = new();
    private readonly SeededRandom _random = new(randomSeed);
    private readonly long _start = time.GetTimestamp();

    /// <summary>Where a service is, in the order in which to try.</summary>
    /// <exception cref="LookupException">It is nowhere, or no server says where.</exception>
    public async Task<IReadOnlyList<ServiceTarget>> FindServiceAsync(string name, CancellationToken cancellationToken)
    {
        var (answer, response) = await SearchAsync(name, DnsType.Srv, cancellationToken).ConfigureAwait(false);
        List<DnsRecord> arranged;
        lock (_gate)
        {
            arranged = [.. DnsAnswer.Arrange(answer.Records, _random.Next)];
        }

        return arranged.Count > 0
            ? [.. arranged.Select(record => new ServiceTarget(record.Target!, record.Service.Port, DnsAnswer.AddressesOf(record.Target!, response)))]
            : throw new LookupException("the domain says that it does not have this service");
    }

    /// <summary>The addresses of a host.</summary>
    /// <exception cref="LookupException">It has none, or no server says which.</exception>
    public async Task<IPAddress[]> FindHostAsync(string name, CancellationToken cancellationToken)
    {
        var lookups = new[] { AddressesAsync(name, DnsType.A, cancellationToken), AddressesAsync(name, DnsType.Aaaa, cancellationToken) };
        await ((Task)Task.WhenAll(lookups)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        IPAddress[] found = [.. lookups.Where(static lookup => lookup.IsCompletedSuccessfully).SelectMany(static lookup => lookup.Result)];
        return found.Length > 0 ? found : await lookups[0].ConfigureAwait(false);
    }

    private async Task<IPAddress[]> AddressesAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        var (answer, _) = await SearchAsync(name, type, cancellationToken).ConfigureAwait(false);
        return [.. answer.Records.Select(static record => record.Address!)];
    }

    /// <summary>Tries the name with each of the domains that are searched. When no server answers the rest of them is not tried, for none would answer that either.</summary>
    private async Task<(DnsAnswer Answer, DnsResponse Response)> SearchAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        var present = settings();
        var problem = "";
        foreach (var candidate in present.Candidates(name))
        {
            var (answer, response) = await FollowAsync(new DnsQuestion(candidate, type), present, cancellationToken).ConfigureAwait(false);
            if (answer.Records.Count > 0)
            {
                return (answer, response);
            }

            problem = response.Code switch
            {
                DnsCode.NoSuchName => problem.Length > 0 ? problem : "there is no such name",
                DnsCode.NoError => $"'{answer.Owner}' exists and has no {Word(type)} record",
                var code => $"the DNS server answered {code}",
            };
        }

        throw new LookupException(problem);
    }

    /// <summary>Asks also for the names that aliases lead to, where an answer does not tell of them.</summary>
    private async Task<(DnsAnswer Answer, DnsResponse Response)> FollowAsync(DnsQuestion question, DnsSettings present, CancellationToken cancellationToken)
    {
        for (var hops = 0; ; hops++)
        {
            var response = await AskAsync(question, present, cancellationToken).ConfigureAwait(false);
            var answer = DnsAnswer.Of(response);
            if (answer.Records.Count > 0 || answer.Owner == question.Name)
            {
                return (answer, response);
            }

            if (hops == DnsAnswer.MaxAliases)
            {
                throw new LookupException($"the name is an alias of an alias, and so on: more than {DnsAnswer.MaxAliases} times");
            }

            question = question with { Name = answer.Owner };
        }
    }

    private async Task<DnsResponse> AskAsync(DnsQuestion question, DnsSettings present, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_cache.Find(question, Now()) is { } known)
            {
                return known;
            }
        }

        var exchange = new DnsExchange(question, present, NextId);
        await DnsSocket.RunAsync(exchange, question, present.Timeout, time, cancellationToken).ConfigureAwait(false);
        if (exchange.Response is not { } response)
        {
            return exchange.Refusal ?? throw new LookupException($"no DNS server gave an answer ({exchange.Problem})");
        }

        lock (_gate)
        {
            _cache.Add(response, Now());
        }

        return response;
    }

    private static string Word(DnsType type) => type == DnsType.Srv ? "SRV" : "address";

    private static ushort NextId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private TimeSpan Now() => time.GetElapsedTime(_start);
}

using System.Net;

namespace Gossip.Discovery.Dns;

/// <summary>The types of records that are asked for, or mean something in an answer.</summary>
internal enum DnsType : ushort
{
    None = 0,
    A = 1,
    Cname = 5,
    Soa = 6,
    Aaaa = 28,
    Srv = 33,
}

/// <summary>What a server says of a question as a whole (RFC 1035 §4.1.1).</summary>
internal enum DnsCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>A normalized name, and what is asked of it.</summary>
internal readonly record struct DnsQuestion(string Name, DnsType Type);

/// <summary>What a record of a service says (RFC 2782).</summary>
internal readonly record struct DnsService(ushort Priority, ushort Weight, ushort Port);

/// <summary>One record. <see cref="Target"/> is the name that an alias or a service stands for.</summary>
internal sealed record DnsRecord(string Name, DnsType Type, uint Ttl)
{
    public IPAddress? Address { get; init; }

    public string? Target { get; init; }

    public DnsService Service { get; init; }
}

/// <summary>A server's answer.</summary>
internal sealed record DnsResponse(ushort Id, DnsQuestion Question, DnsCode Code, bool IsTruncated)
{
    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    /// <summary>What was told beside, unasked: the addresses of a service's hosts, mostly.</summary>
    public IReadOnlyList<DnsRecord> Additional { get; init; } = [];

    /// <summary>How many seconds it holds that there is nothing (RFC 2308 §5); null when the server does not say.</summary>
    public uint? NegativeTtl { get; init; }
}

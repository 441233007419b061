using System.Text;
using Gossip.Discovery.Dns;
using Gossip.Tests.Discovery;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Answers of DNS servers are datagrams from strangers. Two runs of each make 100 000 inputs.</summary>
public sealed class DnsParserFuzzTests
{
    private static readonly byte[] Query = DnsBytes.Query(7, "_gossip._tcp.example", DnsBytes.Srv);

    /// <summary>A record is at least 12 bytes, and may be two names of 255 characters and their record.</summary>
    private const int FixedBound = 4096;
    private const int BoundPerByte = 128;

    [Theory]
    [InlineData("dns answer")]
    [InlineData("dns answer, again")]
    public void Answers(string run)
    {
        byte[][] golden =
        [
            Query,
            DnsBytes.Reply(Query, code: 3, authorities: [DnsBytes.StartOfAuthority("example", 300, 20)]),
            DnsBytes.Reply(Query, isCut: true),
            DnsBytes.Reply(
                Query,
                answers: [DnsBytes.Alias("_gossip._tcp.example", "other.example"), DnsBytes.Service("other.example", 1, 2, 3, "n.example"), DnsBytes.Record(DnsBytes.Question, DnsBytes.Txt, 1, [1, 2, 3])],
                additional: [DnsBytes.Address("n.example", "10.0.0.1"), DnsBytes.Address("n.example", "2001:db8::1")]),
            DnsBytes.Reply(Query, answers: [.. Enumerable.Repeat(DnsBytes.Record(DnsBytes.Question, DnsBytes.Srv, 1, [0, 1, 0, 2, 0, 3, .. DnsBytes.Question]), 20)]),
        ];
        Fuzz.Run(run, golden, FixedBound, BoundPerByte, static input =>
        {
            if (DnsFormat.TryReadResponse(input, out var response))
            {
                Assert.InRange(response.Question.Name.Length, 0, DnsName.MaxSize);
                Assert.All(response.Answers, record => Assert.True(record.Address is not null ^ record.Target is not null));
                _ = DnsAnswer.Of(response);
                Assert.True(DnsCache.TtlOf(response) <= DnsCache.MaxTtl);
            }
        });
    }

    [Theory]
    [InlineData("resolv.conf")]
    [InlineData("resolv.conf, again")]
    public void Settings(string run)
    {
        string[] golden = ["nameserver 10.0.0.1\nnameserver ::1\nsearch a.example b.example\noptions ndots:5 timeout:1 attempts:3", "domain x\n# y\n;z\nnameserver", "options ndots:99999999999"];
        Fuzz.Run(run, [.. golden.Select(Encoding.UTF8.GetBytes)], FixedBound, 256, static input =>
        {
            var settings = DnsSettings.Parse(Encoding.UTF8.GetString(input));
            Assert.InRange(settings.Servers.Count, 1, 3);
            Assert.InRange(settings.Attempts, 1, 5);
            Assert.True(settings.Timeout > TimeSpan.Zero);
        });
    }
}

using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>A newcomer learns all members by the join alone, however many there are.</summary>
public sealed class NewcomerTests
{
    private const int MembersPerPacket = 500;
    private const uint FirstAddress = 0x0A01_0000; // 10.1.0.0
    private const int FirstId = 1 << 20;

    [Theory]
    [InlineData(5000, 64 * 1024)]
    [InlineData(5000, 1024)]
    [InlineData(16_000, 64 * 1024)]
    [InlineData(16_000, 1024)]
    public void A_newcomer_gets_the_whole_table(int members, int maxMetadataBytes)
    {
        var a = Start('a', maxMetadataBytes, joining: false);
        foreach (var chunk in Enumerable.Range(0, members).Chunk(MembersPerPacket))
        {
            a.Receive('b', (ref WireWriter writer) =>
            {
                foreach (var i in chunk)
                {
                    Member(i).Write(ref writer);
                }
            });
        }

        Assert.Equal(members + 1, a.Engine.Table.Count);
        a.Take();
        var newcomer = Start('n', maxMetadataBytes, joining: true);
        newcomer.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), 1));

        new EnginePair(a, newcomer).ExchangeStreams();

        Assert.Equal(members + 2, newcomer.Engine.Table.Count);
        Assert.Equal(members + 2, a.Engine.Table.Count);
    }

    private static EngineHarness Start(char name, int maxMetadataBytes, bool joining)
    {
        var harness = new EngineHarness(TestNodes.Options(name) with { FactLimits = new FactLimits { MaxBytes = maxMetadataBytes } });
        harness.Do((engine, now) => engine.Start(now, joining));
        return harness;
    }

    private static MemberStatement Member(int number) => new()
    {
        Subject = new NodeInstance(new NodeId((UInt128)(FirstId + number)), 1),
        State = MemberState.Alive,
        Endpoint = NodeEndpoint.FromIpv4(FirstAddress + (uint)number, TestNodes.Port),
    };
}

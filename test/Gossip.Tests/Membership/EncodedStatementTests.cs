using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

public sealed class EncodedStatementTests
{
    private readonly EngineContext _context = TestNodes.Context(TestNodes.Options('a'));

    [Fact]
    public void What_is_said_twice_is_the_same_and_understood_by_its_bytes()
    {
        var member = _context.AddAlive('b');
        var first = Write(member);

        Assert.Equal(first, Write(member));
        Assert.True(_context.Table.SaysTheSame(Body(first)));
    }

    [Fact]
    public void No_change_leaves_old_bytes_behind()
    {
        Action<Member>[] changes =
        [
            member => member.Incarnation++,
            member => _context.Table.SetState(member, MemberState.Leaving, 0),
            member => _context.Table.SetState(member, MemberState.Dead, 0),
            member => member.Endpoint = TestNodes.Endpoint('x'),
            member => member.Traits = MemberTraits.StreamOnly,
            member => member.Reincarnate(TestNodes.Instance('b', generation: 2)),
            member =>
            {
                member.Facts.Set(FactKind.Tag, "web", true, stamp: 1);
                member.Changed();
            },
        ];
        var member = _context.AddAlive('b');
        foreach (var change in changes)
        {
            var before = Write(member);
            change(member);

            Assert.False(_context.Table.SaysTheSame(Body(before)));
            Assert.NotEqual(before, Write(member));
            Assert.Equal(Fresh(member), Write(member));
            _context.Table.SetState(member, MemberState.Alive, 0);
        }
    }

    [Fact]
    public void The_dead_are_told_with_their_age()
    {
        var member = _context.AddAlive('b');
        _context.Table.SetState(member, MemberState.Dead, 0);
        Write(member);

        Assert.True(member.Encoded.IsEmpty);
    }

    [Fact]
    public void All_that_may_be_said_of_a_living_member_fits()
    {
        var member = _context.AddAlive('b');
        member.Reincarnate(TestNodes.Instance('b', MemberStatement.MaxGeneration));
        member.Endpoint = new Gossip.Transport.NodeEndpoint(UInt128.MaxValue, 1);
        member.Incarnation = MemberStatement.MaxIncarnation;
        member.Traits = MemberTraits.StreamOnly | MemberTraits.Forgotten;
        member.Facts.Set(FactKind.Tag, "web", true, stamp: ulong.MaxValue);

        Assert.Equal(Fresh(member), Write(member));
        Assert.False(member.Encoded.IsEmpty);
    }

    private static byte[] Write(Member member)
    {
        var writer = new WireWriter(new byte[256]);
        member.WriteStatement(ref writer, 0);
        return writer.Written.ToArray();
    }

    private static byte[] Fresh(Member member)
    {
        var writer = new WireWriter(new byte[256]);
        member.ToStatement(0, history: false).Write(ref writer);
        return writer.Written.ToArray();
    }

    private static ReadOnlySpan<byte> Body(byte[] message)
    {
        var reader = new WireReader(message);
        Assert.True(reader.Next());
        return reader.Bytes;
    }
}

using Gossip.Agreement;
using Gossip.Tests.Agreement;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Votes that a member hands in for others count for nothing: who votes is who sends.</summary>
public sealed class ForgedReplyTests
{
    private const int Stranger = 3;
    private const int FoundedBy = 60;
    private const int Quiet = 20;
    private const int Steps = 110;
    private readonly AgreementWire _wire = new(seed: 1);

    [Fact]
    public void Founders_do_not_count_votes_that_another_node_hands_in_for_their_seats()
    {
        Forge();
        Run(0, Steps);
        Assert.Equal((0, 0), (_wire.Decided, _wire.Epoch));
    }

    [Fact]
    public void After_the_founding_they_do_not_count_either()
    {
        Run(0, FoundedBy);
        Assert.True(_wire.Decided > 0);
        Forge();
        Run(FoundedBy, FoundedBy + Quiet); // what is under way may end
        var decided = _wire.Decided;
        Run(FoundedBy + Quiet, Steps);
        Assert.Equal(decided, _wire.Decided);
    }

    [Fact]
    public void A_reader_is_not_sent_to_another_epoch_by_who_has_no_seat()
    {
        var cluster = new AgreementCluster(acceptors: 3, seats: 3);
        var outbox = new ClientOutbox();
        var client = new RegisterClient(AgreementCluster.Life(8), new ClientTiming(), new Gossip.Node.SeededRandom(1), outbox);
        var register = cluster.Opening.Id(default);
        client.Follow(0, register, cluster.Opening.Configuration);
        client.Read(0, 1, long.MaxValue);
        var moved = new Moved(register with { Epoch = 9 }, Configuration.Of(9, [AgreementCluster.Id(9)])) { From = AgreementCluster.Id(9), Tag = outbox.Requests[0].Tag };
        client.OnReply(0, moved);
        Assert.Equal(1, client.Register.Epoch);
        client.OnReply(0, moved with { From = cluster.Ids[0] });
        Assert.Equal(9, client.Register.Epoch);
    }

    private void Forge() => _wire.Claims = (to, from, packet) =>
        from != to && AgreementPacket.TryRead(packet, out var kind, out _, out _) && kind == MessageKind.AcceptorReply ? Stranger : from;

    private void Run(int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            _wire.Run(step);
        }
    }
}

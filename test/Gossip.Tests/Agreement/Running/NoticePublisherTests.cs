using Gossip.Agreement;
using Gossip.Tests.Messaging;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Agreement.Running;

public sealed class NoticePublisherTests
{
    [Fact]
    public async Task A_notice_for_which_there_is_no_room_is_told_when_there_is()
    {
        var clock = new TestClock();
        var facts = new NarrowFacts();
        var refusals = 0;
        using var stop = new CancellationTokenSource();
        var publisher = new NoticePublisher(facts, _ => refusals++, clock, stop.Token);
        publisher.Offer(new AgreementNotice { Store = Guid.AllBitsSet }, version: -1);
        await Awaiting.UntilAsync(() => AfterAWhile() && facts.Refused > 2);
        Assert.Equal(1, refusals); // it is said once
        facts.HasRoom = true;
        await Awaiting.UntilAsync(() => AfterAWhile() && facts.Told == 1);
        await stop.CancelAsync();
        await publisher.DisposeAsync();

        bool AfterAWhile()
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return true;
        }
    }

    private sealed class NarrowFacts : ISystemFacts
    {
        public bool HasRoom { get; set; }

        public int Refused { get; private set; }

        public int Told { get; private set; }

        public ClusterView View => throw new NotSupportedException();

        public Task ChangeAfter(ClusterView seen) => throw new NotSupportedException();

        public Task SetAsync(string key, MetadataValue? value, CancellationToken cancellationToken)
        {
            if (!HasRoom)
            {
                Refused++;
                throw new MetadataLimitException("The size in bytes of all tags and metadata", 2, 1, "Store less.");
            }

            Told++;
            return Task.CompletedTask;
        }
    }
}

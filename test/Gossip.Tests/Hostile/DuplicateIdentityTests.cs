using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Node;
using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Two living processes with one identity: the first keeps it, the second is turned away, and both are told.</summary>
public sealed class DuplicateIdentityTests
{
    private const string Id = "01960f9b72ca7a519efa47c12f42a138";
    private const string Complaint = "uses this node's identity";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_keeps_its_identity_and_both_hear_why(bool asksTheFirst)
    {
        var (firstLog, secondLog) = (new LogLines(), new LogLines());
        await using var cluster = new LocalCluster();
        var other = await cluster.AddAsync();
        var options = cluster.Options(options => options.NodeId = Id);
        options.Seeds.Add(LocalCluster.Address(other));
        await using var first = await GossipNode.StartAsync(options, firstLog, cancellationToken: Cancellation);
        await other.SeesAsync(first.Id, MemberState.Alive);

        var asked = asksTheFirst ? first : other;
        options = cluster.Options(options => options.NodeId = Id);
        options.Seeds.Add(LocalCluster.Address(asked));
        await using var second = await GossipNode.StartAsync(options, secondLog, cancellationToken: Cancellation);

        Assert.Contains("Give each process its own NodeId", await secondLog.FirstAsync("Could not join"), StringComparison.Ordinal);
        var complaint = await firstLog.FirstAsync(Complaint);
        Assert.Contains(LocalCluster.Address(second), complaint, StringComparison.Ordinal);
        Assert.Contains(Id, complaint, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(first.Instance, other.View.Find(first.Id)!.Instance);
        Assert.Equal(MemberState.Alive, other.View.Find(first.Id)!.State);
        Assert.Single(second.View.Members);
    }

    [Fact]
    public void The_warning_changes_nothing_at_whoever_holds_the_identity()
    {
        var host = EngineHarness.Started('a', 'b');
        var holder = EngineHarness.Started('b', 'a');
        var second = new EngineHarness(TestNodes.Options('b') with { Self = TestNodes.Instance('b', 9), Endpoint = TestNodes.Endpoint('z') });
        second.Do((engine, now) => engine.Start(now, joining: true));
        second.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), 1));

        host.Receive(new PacketSource(default, 1), second.Take().Single().Bytes);
        var warning = Assert.Single(host.Take(), packet => packet.To == TestNodes.Endpoint('b'));
        holder.Receive(new PacketSource(TestNodes.Endpoint('a'), 0), warning.Bytes);

        var conflict = Assert.Single(holder.Events, item => item.Kind == EngineEventKind.IdentityConflict);
        Assert.Equal(TestNodes.Endpoint('z'), conflict.Endpoint);
        Assert.Equal(TestNodes.Instance('b'), holder.Engine.Table.Local.Instance);
        Assert.Equal(TestNodes.Endpoint('b'), holder.Engine.Table.Local.Endpoint);
        Assert.Equal(TestNodes.Endpoint('b'), host.Member('b').Endpoint);
    }
}

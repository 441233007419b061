using System.Net;
using System.Net.Sockets;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>What JoinAsync answers for each address.</summary>
public class JoinTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_address_has_its_own_result()
    {
        await using var cluster = new LocalCluster();
        await using var others = await LocalCluster.StartAsync(1);
        var (a, b) = (await cluster.AddAsync(), await cluster.AddAsync(cluster.Options()));
        using var silent = Bound(listens: true);
        using var closed = Bound(listens: false);
        string[] addresses =
        [
            LocalCluster.Address(b), LocalCluster.Address(a), closed.LocalEndPoint!.ToString()!, silent.LocalEndPoint!.ToString()!,
            LocalCluster.Address(others.Nodes.Single()), "no-such-host.invalid",
        ];

        var results = await a.JoinAsync(addresses, Token);
        Assert.Equal(addresses, results.Select(result => result.Address));
        Assert.Equal(
            [JoinFailure.None, JoinFailure.Self, JoinFailure.Unreachable, JoinFailure.TimedOut, JoinFailure.ClusterMismatch, JoinFailure.Unresolvable],
            results.Select(result => result.Failure));
        Assert.Equal(b.Instance, results[0].By);
        Assert.Null(results[0].Error);
        Assert.All(results.Skip(1), result => Assert.Contains(result.Address, result.Error!.Message, StringComparison.Ordinal));
        Assert.Equal(2, a.View.Present.Count());
        Assert.Single(others.Nodes.Single().View.Members);
    }

    [Fact]
    public async Task A_malformed_address_throws_before_anything_is_tried()
    {
        await using var cluster = new LocalCluster();
        var (a, b) = (await cluster.AddAsync(), await cluster.AddAsync(cluster.Options()));

        await Assert.ThrowsAsync<GossipAddressException>(() => a.JoinAsync([LocalCluster.Address(b), "host:port"], Token));
        Assert.Equal(0, a.RuntimeOrNull!.Sockets.Counters.ConnectionsDialled.Value);
        Assert.Single(a.View.Members);
    }

    [Fact]
    public async Task An_application_version_that_the_host_does_not_accept_is_refused()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(options => options.AcceptApplicationVersion = version => version.StartsWith("2.", StringComparison.Ordinal));
        var old = await cluster.AddAsync(cluster.Options(options => options.ApplicationVersion = "1.9"));
        var current = await cluster.AddAsync(cluster.Options(options => options.ApplicationVersion = "2.1"));

        Assert.Equal(JoinFailure.VersionMismatch, (await old.JoinAsync([LocalCluster.Address(a)], Token)).Single().Failure);
        Assert.Equal(JoinFailure.None, (await current.JoinAsync([LocalCluster.Address(a)], Token)).Single().Failure);
        Assert.Null(a.View.Find(old.Id));
    }

    [Fact]
    public async Task A_second_process_with_the_identity_of_a_living_member_is_refused()
    {
        const string id = "01960f9b72ca7a519efa47c12f42a138";
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync();
        var first = await cluster.AddAsync(options => options.NodeId = id);
        await cluster.FormedAsync();
        var second = await cluster.AddAsync(cluster.Options(options => options.NodeId = id));

        Assert.Equal(JoinFailure.DuplicateId, (await second.JoinAsync([LocalCluster.Address(a)], Token)).Single().Failure);
        Assert.Equal(first.Instance, a.View.Find(first.Id)!.Instance);
    }

    [Fact]
    public async Task A_full_table_turns_newcomers_away()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(options => options.MaxMembers = 2);
        await cluster.AddAsync();
        await cluster.FormedAsync();
        var third = await cluster.AddAsync(cluster.Options());

        Assert.Equal(JoinFailure.Full, (await third.JoinAsync([LocalCluster.Address(a)], Token)).Single().Failure);
        Assert.Equal(2, a.View.Members.Length);
    }

    [Fact]
    public async Task A_node_whose_clock_went_back_raises_its_generation_and_gets_in_with_its_facts()
    {
        const string id = "01960f9b72ca7a519efa47c12f42a138";
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync();
        var first = await cluster.AddAsync(options => options.NodeId = id);
        await cluster.FormedAsync();
        await cluster.KillAsync(first);
        await Awaiting.UntilAsync(() => a.View.Find(first.Id)!.State == MemberState.Dead);

        var options = cluster.Options(options => options.NodeId = id);
        options.Tags.Add("back");
        options.Seeds.Add(LocalCluster.Address(a));
        await using var second = await GossipNode.StartAsync(options, timeProvider: new SlowClock(), cancellationToken: Token);
        await Awaiting.UntilAsync(() => a.View.Find(second.Id) is { State: MemberState.Alive } member && member.Instance == second.Instance && member.HasTag("back"));
        Assert.True(second.Instance.Generation > first.Instance.Generation);
    }

    private static Socket Bound(bool listens)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (listens)
        {
            socket.Listen();
        }

        return socket;
    }

    /// <summary>A wall clock that is an hour behind; it runs as fast as any other.</summary>
    private sealed class SlowClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - TimeSpan.FromHours(1);
    }
}

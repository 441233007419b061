using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Both sides of a join ask their application whether the other's version suits it.</summary>
public sealed class VersionCheckTests
{
    private const int Attempts = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_that_throws_turns_the_newcomer_away_and_does_no_harm()
    {
        await using var acceptor = await LiveNodes.StartAsync(options => options.AcceptApplicationVersion = _ => throw new NotSupportedException());
        await using var newcomer = await LiveNodes.StartAsync();
        for (var i = 0; i < Attempts; i++)
        {
            Assert.Equal(JoinFailure.VersionMismatch, Assert.Single(await newcomer.JoinAsync([acceptor.Address()], Cancellation)).Failure);
        }

        Assert.Equal(GossipNodeState.Running, acceptor.State);
        await acceptor.AddTagAsync("well", Cancellation);
        Assert.Null(acceptor.View.Find(newcomer.Id));
    }

    [Fact]
    public async Task A_newcomer_does_not_want_in_where_the_version_does_not_suit_it()
    {
        const string unloved = "1.0";
        await using var acceptor = await LiveNodes.StartAsync(options => options.ApplicationVersion = unloved);
        await using var newcomer = await LiveNodes.StartAsync(options => options.AcceptApplicationVersion = version => version != unloved);

        Assert.Equal(JoinFailure.VersionMismatch, Assert.Single(await newcomer.JoinAsync([acceptor.Address()], Cancellation)).Failure);
    }
}

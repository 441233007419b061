using Gossip.Agreement;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Agreement.Running;

public sealed class PendingCallTests
{
    private const int Rounds = 1000;
    private static readonly ClientResult Done = new(1, ClientStatus.Done);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Its last batch settles a call, and the pump ends before the pool comes to tell who waits.</summary>
    [Fact]
    public async Task What_was_settled_last_of_all_is_answered_though_the_pump_has_ended()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var call = new PendingCall(isChange: true);
            call.Begin();
            call.Complete(Done, "", null);
            Assert.Equal(ClientStatus.Done, (await call.WaitAsync(Task.CompletedTask, Token).InTime()).Status);
        }
    }

    [Theory]
    [InlineData(true, true, nameof(ClientStatus.Abandoned))] // nobody knows what became of it
    [InlineData(true, false, nameof(ClientStatus.Stopped))]
    [InlineData(false, true, nameof(ClientStatus.Stopped))]
    public async Task What_was_never_settled_says_whether_it_may_have_happened(bool isChange, bool hasBegun, string expected)
    {
        var call = new PendingCall(isChange);
        if (hasBegun)
        {
            call.Begin();
        }

        Assert.Equal(expected, $"{(await call.WaitAsync(Task.CompletedTask, Token).InTime()).Status}");
    }
}

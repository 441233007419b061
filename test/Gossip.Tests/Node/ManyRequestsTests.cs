using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Many requests at once between two nodes, with more threads than processors.</summary>
public sealed class ManyRequestsTests
{
    private const int Type = MessageTypeNumber.FirstUser;
    private const int AtOnce = 512;
    private const int Each = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_are_answered_and_none_is_too_old_when_it_arrives(bool isSealed)
    {
        await using var cluster = new LocalCluster();
        var key = Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray());
        var a = await cluster.AddAsync(Configure);
        var b = await cluster.AddAsync(Configure);
        await cluster.FormedAsync();
        using var handler = b.Messages.HandleRequest(Type, static (context, _) => new(context.Payload), new HandlerOptions());
        var options = new RequestOptions { Timeout = TimeSpan.FromSeconds(30) };
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(AskAsync, Token)));
        Assert.Equal(0, b.Messages.Counters.Dropped);

        void Configure(GossipOptions options)
        {
            options.Messaging.HandlerQueue = AtOnce;
            if (isSealed)
            {
                options.EncryptionKeys.Add(key);
            }
        }

        async Task AskAsync()
        {
            for (var i = 0; i < Each; i++)
            {
                var text = $"{i}";
                Assert.Equal(text, (await a.Messages.RequestAsync(b.Id, Type, MessagePayload.FromText(text), options, Token)).ReadText());
            }
        }
    }
}

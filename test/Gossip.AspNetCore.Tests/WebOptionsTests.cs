using System.Text.Json;
using Gossip.Transport;
using Xunit;

namespace Gossip.AspNetCore.Tests;

/// <summary>What the options of the web say before anything is opened.</summary>
public sealed class WebOptionsTests
{
    [Theory]
    [InlineData("wss://node.example/gossip", WebNode.Token, null)]
    [InlineData("ws://127.0.0.1:80/gossip", null, null)]
    [InlineData("wss://node.example/gossip", null, "nothing tells nodes from strangers")]
    [InlineData("ws://node.example/gossip", WebNode.Token, "would not be encrypted")]
    [InlineData("http://127.0.0.1/gossip", WebNode.Token, "only ws and wss")]
    [InlineData("ws://127.0.0.1:0/", WebNode.Token, "port 0")]
    [InlineData(null, WebNode.Token, "nothing says where others reach")]
    [InlineData("ws://127.0.0.1/gossip", "short", "Web.Token")]
    [InlineData("ws://127.0.0.1/gossip", "a token with spaces in it", "Web.Token")]
    public void A_mistake_is_named(string? address, string? token, string? problem)
    {
        var options = new GossipOptions { WebOnly = true, Web = new WebOptions { Address = address, Token = token } };
        var failures = Gossip.Hosting.GossipOptionsValidator.Check(options);
        if (problem is null)
        {
            Assert.Empty(failures);
        }
        else
        {
            Assert.Contains(failures, failure => failure.Contains(problem, StringComparison.Ordinal));
            Assert.DoesNotContain(failures, failure => token is not null && failure.Contains(token, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_socket_is_not_a_socket_somewhere() => Assert.Contains(
        Gossip.Hosting.GossipOptionsValidator.Check(new GossipOptions { WebOnly = true, BindAddress = "127.0.0.1:0", Web = new WebOptions { Address = "ws://127.0.0.1/g" } }),
        static failure => failure.Contains("opens no socket", StringComparison.Ordinal));

    [Fact]
    public void The_token_stays_out_of_dumps() =>
        Assert.DoesNotContain(WebNode.Token, JsonSerializer.Serialize(new WebOptions { Token = WebNode.Token }), StringComparison.Ordinal);

    [Theory]
    [InlineData("Bearer " + WebNode.Token, true)]
    [InlineData("bearer  " + WebNode.Token, true)]
    [InlineData("Bearer " + WebNode.Token + "0", false)]
    [InlineData("Bearer ", false)]
    [InlineData("Basic " + WebNode.Token, null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_token_is_accepted_whole(string? header, bool? accepted) => Assert.Equal(accepted, new WebTokens(WebNode.Token).Accept(header));
}

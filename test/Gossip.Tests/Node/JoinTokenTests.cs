using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Resilience;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public sealed class JoinTokenTests
{
    private const int Nodes = 20;

    [Fact]
    public async Task An_answer_to_one_node_does_not_fit_the_questions_of_another()
    {
        HashSet<long> tokens = [];
        for (var i = 0; i < Nodes; i++)
        {
            Assert.True(tokens.Add(await FirstTokenAsync()));
        }
    }

    private static async Task<long> FirstTokenAsync()
    {
        long token = 0;
        Joiner? joiner = null;
        var transport = new KeptTransport();
        var owner = new ScriptedOwner
        {
            Event = item =>
            {
                token = item.Token;
                joiner!.OnSettled(item);
            },
        };
        await using var pump = new Pump(transport, TestNodes.Options('a'), owner, TimeProvider.System);
        joiner = new Joiner(pump, new SeedResolver(), () => TestNodes.Endpoint('a'), TimeProvider.System);
        transport.Sent = to => pump.OnFrameUndeliverable(to, [], new IOException()); // nobody is there: the join ends at once
        pump.Start();
        await joiner.JoinAsync(["127.0.0.1:9"], TestContext.Current.CancellationToken);
        return token;
    }
}

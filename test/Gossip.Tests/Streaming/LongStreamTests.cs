using System.Globalization;
using System.Security.Cryptography;
using Gossip.Tests.Node;
using Gossip.Tests.Performance;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>A long stream at full speed, and what else a node has to do meanwhile. <c>GOSSIP_STREAM_MIB</c> sets how long it is.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class LongStreamTests
{
    private const int Type = 142;
    private const int DefaultMiB = 256;
    private const int MiB = 1 << 20;

    private static readonly int Size =
        int.TryParse(Environment.GetEnvironmentVariable("GOSSIP_STREAM_MIB"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : DefaultMiB;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_answered_and_nobody_is_suspected_while_a_long_stream_runs()
    {
        await using var cluster = new LocalCluster();
        await cluster.AddAsync(options => options.Profile = GossipProfile.Lan);
        await cluster.AddAsync(options => options.Profile = GossipProfile.Lan);
        await cluster.FormedAsync();
        var (a, b) = cluster.Pair();
        using var answers = b.Messages.HandleRequest(Type, (context, _) => new(context.Payload));
        using var handler = b.Streams.Handle(Type, async (stream, token) =>
        {
            var hash = await SHA256.HashDataAsync(stream.AsStream(), token);
            await stream.Output.WriteAsync(hash, token);
        });

        await using var stream = await a.OpenAsync(b, Type);
        var sending = SendAsync(stream);
        var requests = 0;
        while (!sending.IsCompleted)
        {
            await a.Messages.RequestAsync(b.Id, Type, MessagePayload.FromText("?"), cancellationToken: Token);
            requests++;
        }

        Assert.Equal(await sending, await stream.ReadAllAsync().InTime());
        Assert.True(requests > 10, $"{requests} requests were answered meanwhile");
        Assert.All(cluster.Nodes, node => Assert.Equal(0, node.RuntimeOrNull!.Counters[MemberState.Suspect] + node.RuntimeOrNull.Counters[MemberState.Dead]));
        Assert.Equal((long)Size * MiB, b.Streams.Counters.BytesIn.Value);
        await stream.DisposeAsync();
        await cluster.NothingLeftAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{requests} requests were answered meanwhile.");
    }

    /// <summary>Sends bytes of which no two blocks are alike, and tells their hash.</summary>
    private static async Task<byte[]> SendAsync(GossipStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[MiB / 4];
        new Random(1).NextBytes(block);
        for (var i = 0; i < Size * 4; i++)
        {
            BitConverter.TryWriteBytes(block, i);
            hash.AppendData(block);
            await stream.Output.WriteAsync(block, Token);
        }

        await stream.Output.CompleteAsync();
        return hash.GetHashAndReset();
    }
}

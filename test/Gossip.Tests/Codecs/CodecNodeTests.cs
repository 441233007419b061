using System.Collections.Concurrent;
using Gossip.Messaging;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Codecs;

/// <summary>Codecs and compression between real nodes.</summary>
public sealed class CodecNodeTests
{
    private const int Type = MessageTypeNumber.FirstUser;
    private static readonly string Text = string.Concat(Enumerable.Range(0, 3000).Select(i => $"line {i % 97:000}\n"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_tell_each_other_what_they_can_decompress_and_nobody_gets_anything_else()
    {
        await using var cluster = new LocalCluster();
        var (ofA, ofB, ofClient) = (new CountingCompressor(), new CountingCompressor(), new CountingCompressor());
        var a = await cluster.AddAsync(With(ofA, BrotliCompressor.Default));
        var b = await cluster.AddAsync(With(ofB, BrotliCompressor.Default));
        var c = await cluster.AddAsync();
        await cluster.FormedAsync();
        foreach (var node in cluster.Nodes)
        {
            node.Messages.HandleRequest(Type, (context, _) => new(MessagePayload.FromText(context.ReadText() + "!")));
            node.Messages.Handle(Type, (context, _) => context.ReadText() == Text ? default : throw new InvalidOperationException("It is another text."));
        }

        await Awaiting.UntilAsync(() => Tells(a, b) && Tells(b, a));
        Assert.False(Tells(a, c));

        // To both only what both understand; to b what it has.
        Assert.True((await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText(Text), cancellationToken: Token)).Succeeded);
        Assert.Equal((0, 0), (ofA.Compressed, ofB.Decompressed));
        Assert.Equal(Text + "!", await AskAsync(a, b));
        Assert.Equal((1, 1, 1, 1), (ofA.Compressed, ofB.Decompressed, ofB.Compressed, ofA.Decompressed));
        Assert.Equal(Text + "!", await AskAsync(a, c));
        Assert.Equal(1, ofA.Compressed);

        // What a client has nobody knows, but it knows what members have.
        await using var client = await GossipNode.StartAsync(cluster.Options(options =>
        {
            options.Client = true;
            options.Seeds.Add(LocalCluster.Address(a));
            With(ofClient)(options);
        }), cancellationToken: Token);
        await Awaiting.UntilAsync(() => Tells(client, b));
        Assert.Equal(Text + "!", await AskAsync(client, b));
        Assert.Equal((1, 0), (ofClient.Compressed, ofClient.Decompressed));
        Assert.Equal(2, ofB.Decompressed);

        // The next life of a node says it again.
        await b.LeaveAsync(Token);
        await b.JoinAsync([LocalCluster.Address(a)], Token);
        await Awaiting.UntilAsync(() => LocalCluster.Sees(a, b).State == MemberState.Alive && Tells(a, b));
        Assert.Equal(Text + "!", await AskAsync(a, b));
        Assert.Equal(3, ofB.Decompressed);
    }

    [Fact]
    public async Task Publications_are_compressed_and_those_of_an_unknown_codec_refused_by_its_number()
    {
        await using var cluster = new LocalCluster();
        var compressor = new CountingCompressor();
        var a = await cluster.AddAsync(options =>
        {
            With(compressor)(options);
            options.MessageTypes.Register<Version>(220, new TextCodec());
        });
        var b = await cluster.AddAsync(With(compressor));
        await cluster.FormedAsync();
        await Awaiting.UntilAsync(() => Tells(a, b));
        ConcurrentQueue<string> heard = [];
        await b.Topics.SubscribeAsync("t", (context, _) =>
        {
            heard.Enqueue(context.ReadText());
            return default;
        }, cancellationToken: Token);
        Assert.True((await a.Topics.PublishAsync("t", Type, MessagePayload.FromText(Text), cancellationToken: Token)).Succeeded);
        Assert.Equal([Text], heard);
        Assert.Equal((1, 1), (compressor.Compressed, compressor.Decompressed));

        var refused = Assert.Single((await a.Topics.PublishAsync("t", new Version(1, 2), cancellationToken: Token)).Targets);
        Assert.Equal(SendOutcome.Refused, refused.Outcome);
        Assert.StartsWith("unknown codec 64: add it", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broadcasts_are_compressed_for_all_who_are_there_and_who_join_later()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(With(BrotliCompressor.Default));
        var b = await cluster.AddAsync();
        await cluster.FormedAsync();
        var heard = Listen(b);
        Assert.True((await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText(Text), new SendOptions { Delivery = Delivery.BestEffort }, Token)).Succeeded);
        await Awaiting.UntilAsync(() => heard.Contains(Text));

        var newcomer = GossipNode.Create(cluster.Options(options => options.Seeds.Add(LocalCluster.Address(b))));
        await using (newcomer)
        {
            var later = Listen(newcomer);
            await newcomer.OpenAsync(Token);
            await Awaiting.UntilAsync(() => later.Contains(Text));
        }

        static ConcurrentQueue<string> Listen(GossipNode node)
        {
            ConcurrentQueue<string> heard = [];
            node.Messages.Handle(Type, (context, _) =>
            {
                heard.Enqueue(context.ReadText());
                return default;
            });
            return heard;
        }
    }

    private static Action<GossipOptions> With(params IPayloadCompressor[] compressors) => options =>
    {
        foreach (var compressor in compressors)
        {
            options.Messaging.Compressors.Add(compressor);
        }
    };

    private static bool Tells(GossipNode node, GossipNode other) => LocalCluster.Sees(node, other).SystemFacts.TryGetValue(PayloadCompression.FactKey, out MetadataValue _);

    private static async Task<string> AskAsync(GossipNode from, GossipNode to) =>
        (await from.Messages.RequestAsync(to.Id, Type, MessagePayload.FromText(Text), cancellationToken: Token)).ReadText();

    private sealed class CountingCompressor : IPayloadCompressor
    {
        private int _compressed;
        private int _decompressed;

        public int Compressed => Volatile.Read(ref _compressed);

        public int Decompressed => Volatile.Read(ref _decompressed);

        public int Id => 64;

        public string Name => "counting";

        public bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
        {
            Interlocked.Increment(ref _compressed);
            return BrotliCompressor.Default.TryCompress(source, destination, out written);
        }

        public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
        {
            Interlocked.Increment(ref _decompressed);
            return BrotliCompressor.Default.TryDecompress(source, destination);
        }
    }
}

using System.Buffers.Binary;
using System.Text;
using Gossip.Messaging;
using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Codecs;

public sealed class CompressionTests
{
    private const int Type = TestCluster.Type;
    private const int Large = 20_000;
    private static readonly string Text = string.Concat(Enumerable.Range(0, Large / 8).Select(i => $"line {i % 97:000}\n"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Delivery.Reliable, true)]
    [InlineData(Delivery.BestEffort, true)]
    [InlineData(Delivery.BestEffort, false)]
    public async Task Messages_take_less_of_the_network_and_arrive_as_they_were(Delivery delivery, bool toAll)
    {
        var plain = await SendAsync(null);
        var brotli = await SendAsync(BrotliCompressor.Default);
        var snappy = await SendAsync(SnappyCompressor.Default);
        Assert.True(plain > Large, $"{plain}");
        Assert.InRange(brotli, 1, Large / 4);
        Assert.InRange(snappy, 1, Large / 4);
        Assert.NotEqual(brotli, snappy);

        async Task<int> SendAsync(IPayloadCompressor? compressor)
        {
            var (cluster, sizes) = Cluster(2, compressor);
            var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
            string? received = null;
            using var handler = b.Messages.Handle(Type, (context, _) =>
            {
                received = context.ReadText();
                Assert.Equal(Text.Length, context.Size);
                return default;
            });
            sizes.Clear();
            var options = new SendOptions { Delivery = delivery };
            var result = await cluster.Run(a.Messages.SendAsync(toAll ? Target.All : Target.Node(b.Id), Type, MessagePayload.FromText(Text), options, Token).AsTask());
            await cluster.RunUntil(() => received is not null);
            Assert.True(result.Succeeded);
            Assert.Equal(Text, received);
            return sizes.Max();
        }
    }

    [Fact]
    public async Task Requests_and_replies_are_compressed()
    {
        var (cluster, sizes) = Cluster(2, SnappyCompressor.Default);
        using var handler = cluster.Nodes[1].Messages.HandleRequest(Type, (context, _) => new(MessagePayload.FromText(context.ReadText() + "!")));
        var reply = await cluster.Run(cluster.Nodes[0].Messages.RequestAsync(cluster.Nodes[1].Id, Type, MessagePayload.FromText(Text), cancellationToken: Token));
        Assert.Equal(Text + "!", reply.ReadText());
        Assert.Equal(PayloadKind.Text, reply.Kind);
        Assert.InRange(sizes.Max(), 1, Large / 4);
    }

    /// <summary>What becomes small enough for one frame needs no parts; what does not goes in parts of the compressed payload.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Payloads_larger_than_a_frame_are_compressed_before_they_are_cut(bool isHard)
    {
        var (cluster, sizes) = Cluster(2, BrotliCompressor.Default);
        var payload = new byte[3 * GossipMessaging.MaxMessageSize];
        new Random(5).NextBytes(payload.AsSpan(0, isHard ? payload.Length / 2 : 0)); // the other half becomes almost nothing
        using var handler = cluster.Nodes[1].Messages.HandleRequest(Type, (context, _) => new(context.Payload));
        using var messages = cluster.Nodes[1].Messages.Handle(Type, (context, _) => context.ReadBytes().Span.SequenceEqual(payload) ? default : throw new InvalidOperationException("Other bytes."));
        var options = new RequestOptions { Timeout = TimeSpan.FromMinutes(1) };
        var reply = await cluster.Run(cluster.Nodes[0].Messages.RequestAsync(cluster.Nodes[1].Id, Type, MessagePayload.FromBytes(payload), options, Token));
        Assert.True(reply.ReadBytes().Span.SequenceEqual(payload));
        Assert.True((await cluster.Run(cluster.Nodes[0].Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(payload), new SendOptions { Timeout = TimeSpan.FromMinutes(1) }, Token).AsTask())).Succeeded);
        Assert.InRange(sizes.Sum(size => (long)size), isHard ? 3L * payload.Length / 2 : 1, isHard ? 2L * payload.Length : payload.Length / 10);
    }

    [Fact]
    public async Task Broadcasts_that_are_kept_use_what_every_node_understands()
    {
        var (cluster, _) = Cluster(2, SnappyCompressor.Default, BrotliCompressor.Default);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        a.MaxBroadcast = Large / 4; // it fits only when it is compressed
        string? received = null;
        using var handler = b.Messages.Handle(Type, (context, _) =>
        {
            received = context.ReadText();
            return default;
        });
        await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText(Text), new SendOptions { Delivery = Delivery.BestEffort }, Token).AsTask());
        await cluster.RunUntil(() => received is not null);
        Assert.Equal(Text, received);
        Assert.Equal(1, a.Broadcasted);
    }

    [Fact]
    public async Task What_does_not_become_smaller_or_is_small_is_sent_as_it_is()
    {
        var (cluster, sizes) = Cluster(2, BrotliCompressor.Default);
        using var handler = cluster.Nodes[1].Messages.Handle(Type, (_, _) => default);
        var noise = new byte[Large];
        new Random(1).NextBytes(noise);
        await SendAsync(noise);
        Assert.InRange(sizes.Max(), Large, Large + 200);
        await SendAsync(new byte[MessageLimits.DefaultCompressAbove]);
        Assert.InRange(sizes.Max(), MessageLimits.DefaultCompressAbove, MessageLimits.DefaultCompressAbove + 200);
        await SendAsync(new byte[MessageLimits.DefaultCompressAbove + 1]);
        Assert.InRange(sizes.Max(), 1, MessageLimits.DefaultCompressAbove / 2);
        foreach (var delivery in Enum.GetValues<Delivery>())
        {
            await SendAsync(new byte[Large], new SendOptions { MayCompress = false, Delivery = delivery });
            Assert.InRange(sizes.Max(), Large, Large + 200);
        }

        async Task SendAsync(byte[] payload, SendOptions? options = null)
        {
            sizes.Clear();
            Assert.True((await cluster.Run(cluster.Nodes[0].Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(payload), options, Token).AsTask())).Succeeded);
        }
    }

    /// <summary>a and b have Snappy, c has nothing: nobody sends c what it cannot read, and a message to both uses what both know.</summary>
    [Fact]
    public async Task Nobody_gets_what_it_does_not_understand()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([], With(SnappyCompressor.Default, BrotliCompressor.Default));
        var b = cluster.Add([], With(SnappyCompressor.Default));
        var c = cluster.Add([]);
        cluster.Publish(); // now all see what each has
        List<(NodeId To, int Id)> seen = [];
        cluster.Network.Cut = (_, to, packet) =>
        {
            if (CompressionOf(packet) is { } id)
            {
                seen.Add((cluster.Nodes.Single(node => node.LocalEndpoint == to).Id, id));
            }

            return false;
        };
        foreach (var node in cluster.Nodes)
        {
            node.Messages.Handle(Type, (_, _) => default);
        }

        await SendAsync(a, Target.Node(b.Id));
        await SendAsync(a, Target.Node(c.Id));
        await SendAsync(a, Target.Nodes(b.Id, c.Id));
        await SendAsync(b, Target.Node(c.Id));
        await SendAsync(c, Target.Node(a.Id));
        Assert.Equal([(b.Id, 2), (c.Id, 1), (b.Id, 1), (c.Id, 1), (c.Id, 0), (a.Id, 0)], seen);

        async Task SendAsync(TestNode from, Target target) =>
            Assert.True((await cluster.Run(from.Messages.SendAsync(target, Type, MessagePayload.FromText(Text), cancellationToken: Token).AsTask())).Succeeded);
    }

    [Fact]
    public async Task What_stands_for_too_much_or_for_nothing_is_refused_with_the_reason()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { MaxInflatedSize = 4096 });
        using var handler = b.Messages.Handle(Type, (_, _) => default);
        var compression = new PayloadCompression(With(BrotliCompressor.Default));
        var good = compression.CompressForAll(MessagePayload.FromBytes(new byte[4096]));
        Assert.Equal(1, good.Compression);
        Assert.Null(await SendAsync(good));
        Assert.Contains("4097 bytes: at most 4096", await SendAsync(compression.CompressForAll(MessagePayload.FromBytes(new byte[4097]))), StringComparison.Ordinal);
        Assert.Contains("2147483647 bytes", await SendAsync(WithSize(good, int.MaxValue)), StringComparison.Ordinal);
        foreach (var wrong in new[] { WithSize(good, 4095), WithSize(good, 0), WithSize(good, -1), good.Compressed(1, new byte[3]), good.Compressed(1, new byte[] { 1, 0, 0, 0 }) })
        {
            Assert.Equal(Refusal.Malformed, await SendAsync(wrong));
        }

        async Task<string?> SendAsync(MessagePayload payload)
        {
            var result = await cluster.Run(a.Messages.SendAsync(Target.All, Type, payload, cancellationToken: Token).AsTask());
            return Assert.Single(result.Targets).Error;
        }

        static MessagePayload WithSize(MessagePayload payload, int size)
        {
            var bytes = payload.Encoded.ToArray();
            BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
            return payload.Compressed(payload.Compression, bytes);
        }
    }

    /// <summary>A hundred times the letter a, as docs/wire.md has it: the size, of Snappy the CRC-32C, the compressed bytes.</summary>
    [Theory]
    [InlineData(1, "64000000" + "8b31000020c2d8000e5cc3097136800b7058de06")]
    [InlineData(2, "64000000" + "99ada35e" + "64" + "0061" + "fe0100" + "8a0100")]
    public void Golden_payloads(int id, string hex)
    {
        var compression = new PayloadCompression(With(SnappyCompressor.Default));
        Assert.True(compression.TryOpen(id, Convert.FromHexString(hex), out var payload, out _));
        Assert.Equal(new string('a', 100), Encoding.UTF8.GetString(payload));
    }

    [Fact]
    public void Snappy_notices_each_changed_byte()
    {
        var source = Encoding.UTF8.GetBytes(Text[..500]);
        var block = new byte[500];
        Assert.True(SnappyCompressor.Default.TryCompress(source, block, out var written));
        var plain = new byte[500];
        Assert.True(SnappyCompressor.Default.TryDecompress(block.AsSpan(0, written), plain));
        Assert.Equal(source, plain);
        for (var i = 0; i < written; i++)
        {
            var changed = block[..written];
            changed[i] ^= 0x11;
            Assert.False(SnappyCompressor.Default.TryDecompress(changed, plain) && !plain.AsSpan().SequenceEqual(source), $"{i}");
        }

        // 0x7fffffff bytes in a few: the decoder would allocate them.
        Assert.False(SnappyCompressor.Default.TryDecompress([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 0], plain));
        Assert.False(SnappyCompressor.Default.TryCompress(source, block.AsSpan(0, 20), out _));
    }

    [Fact]
    public async Task A_compressor_that_throws_harms_nobody()
    {
        var (cluster, sizes) = Cluster(2, new Nothing(64, throws: true), BrotliCompressor.Default);
        using var handler = cluster.Nodes[1].Messages.HandleRequest(Type, (context, _) => new(context.Payload));
        var reply = await cluster.Run(cluster.Nodes[0].Messages.RequestAsync(cluster.Nodes[1].Id, Type, MessagePayload.FromText(Text), cancellationToken: Token));
        Assert.Equal(Text, reply.ReadText());
        Assert.True(sizes.Max() > Large);
        var broken = new MessagePayload(PayloadKind.Text, new byte[] { 100, 0, 0, 0, 1 }, compression: 64);
        var error = await Assert.ThrowsAsync<RequestRefusedException>(() => cluster.Run(cluster.Nodes[0].Messages.RequestAsync(cluster.Nodes[1].Id, Type, broken, cancellationToken: Token)));
        Assert.Contains(Refusal.Malformed, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagingOptions { CompressAbove = 63 }.Checked());
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagingOptions { MaxInflatedSize = 1023 }.Checked());
        Assert.Throws<ArgumentException>(() => With(BrotliCompressor.Default, BrotliCompressor.Default).Checked());
        foreach (var id in new[] { -1, 0, 1, 256 })
        {
            Assert.Throws<ArgumentException>(() => With(new Nothing(id)).Checked());
        }

        With(new Nothing(64)).Checked();
    }

    private static (TestCluster Cluster, List<int> Sizes) Cluster(int count, params IPayloadCompressor?[] compressors)
    {
        var cluster = TestCluster.Of(count, options: With([.. compressors.OfType<IPayloadCompressor>()]));
        cluster.Publish(); // now all see what each has
        List<int> sizes = [];
        cluster.Network.Cut = (_, _, packet) =>
        {
            sizes.Add(packet.Length);
            return false;
        };
        return (cluster, sizes);
    }

    private static MessagingOptions With(params IPayloadCompressor[] compressors)
    {
        var options = new MessagingOptions();
        foreach (var compressor in compressors)
        {
            options.Compressors.Add(compressor);
        }

        return options;
    }

    /// <summary>Of an envelope the compression; null for what is none.</summary>
    private static int? CompressionOf(byte[] packet)
    {
        var reader = new Gossip.Wire.WireReader(packet.AsSpan(Gossip.Wire.PacketHeader.Size));
        while (reader.Next())
        {
            if (reader.Field == (int)Gossip.Wire.MessageKind.Envelope && Envelope.TryRead(reader.Bytes, out var envelope))
            {
                return envelope.Compression;
            }
        }

        return null;
    }

    private sealed class Nothing(int id, bool throws = false) : IPayloadCompressor
    {
        public int Id => id;

        public string Name => "nothing";

        public bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
        {
            written = 0;
            return throws ? throw new NotSupportedException() : false;
        }

        public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination) => throw new NotSupportedException();
    }
}

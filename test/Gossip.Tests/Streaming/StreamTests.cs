using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>Streams between real nodes.</summary>
public sealed class StreamTests
{
    private const int Type = 140;
    private const int Small = 4096;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(3_000_000)]
    public async Task What_is_written_comes_back(int size)
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var echo = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        var content = RandomNumberGenerator.GetBytes(size);

        await using var stream = await a.OpenAsync(b, Type);
        var writing = WriteAsync(stream, content);
        var back = await stream.ReadAllAsync().InTime();
        await writing.InTime();

        Assert.Equal(content, back);
        Assert.Equal((b.Instance, Type, 0), (stream.Peer, stream.Type, stream.Headers.Count));
        await cluster.NothingLeftAsync();
    }

    [Fact]
    public async Task Each_direction_ends_by_itself()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var received = new TaskCompletionSource();
        using var handler = b.Streams.Handle(Type, async (stream, _) =>
        {
            await WriteAsync(stream, [1, 2, 3]); // ended before anything was read
            var read = await stream.ReadAllAsync();
            Assert.Equal("late", Encoding.UTF8.GetString(read));
            received.SetResult();
        });

        await using var stream = await a.OpenAsync(b, Type);
        Assert.Equal([1, 2, 3], await stream.ReadAllAsync().InTime()); // while the other direction is open
        await stream.Output.WriteAsync("late"u8.ToArray(), Token);
        await stream.Output.CompleteAsync();
        await received.Task.InTime();
        await cluster.NothingLeftAsync();
    }

    [Fact]
    public async Task Headers_and_the_opener_are_shown_to_the_handler()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var seen = new TaskCompletionSource<(NodeInstance, string)>();
        using var handler = b.Streams.Handle(Type, (stream, _) =>
        {
            seen.SetResult((stream.Peer, stream.Headers["name"]));
            return Task.CompletedTask;
        });
        await using var stream = await a.OpenAsync(b, Type, new StreamOptions { Headers = new Dictionary<string, string> { ["name"] = "ä" } });
        Assert.Equal((a.Instance, "ä"), await seen.Task.InTime());
        Assert.Empty(await stream.ReadAllAsync().InTime());
    }

    [Fact]
    public async Task As_a_stream_of_the_base_class_library_it_copies_and_its_errors_are_of_that_kind()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var content = RandomNumberGenerator.GetBytes(100_000);
        using var handler = b.Streams.Handle(Type, async (stream, token) =>
        {
            var copy = new MemoryStream();
            await stream.AsStream().CopyToAsync(copy, token);
            await stream.AsStream().WriteAsync(copy.ToArray(), token);
        });
        await using (var stream = await a.OpenAsync(b, Type))
        {
            await stream.AsStream().WriteAsync(content, Token);
            await stream.Output.CompleteAsync();
            var back = new byte[content.Length];
            await stream.AsStream().ReadExactlyAsync(back, Token).AsTask().InTime();
            Assert.Equal(content, back);
        }

        await using var aborted = await a.OpenAsync(b, Type);
        aborted.Abort(new InvalidOperationException("enough"));
        var error = await Assert.ThrowsAsync<IOException>(async () => await aborted.AsStream().ReadExactlyAsync(new byte[1], Token));
        Assert.IsType<StreamAbortedException>(error.InnerException);
        await Assert.ThrowsAsync<IOException>(async () => await aborted.AsStream().WriteAsync(new byte[1], Token));
    }

    [Fact]
    public async Task Both_sides_open_to_each_other_at_once()
    {
        const int Streams = 50;
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var here = a.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        using var there = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        await Task.WhenAll(Enumerable.Range(0, Streams).SelectMany(i => new[] { EchoAsync(a, b, i), EchoAsync(b, a, i + Streams) })).InTime();
        await cluster.NothingLeftAsync();
    }

    [Fact]
    public async Task Many_streams_one_after_the_other_and_at_once_leave_nothing_behind()
    {
        const int Batches = 100;
        const int AtOnce = 100;
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var echo = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        for (var batch = 0; batch < Batches; batch++)
        {
            await Task.WhenAll(Enumerable.Range(batch * AtOnce, AtOnce).Select(i => EchoAsync(a, b, i))).InTime();
        }

        Assert.Equal(Batches * AtOnce, a.Streams.Counters.Opened.Value);
        Assert.Equal((0, 0), (a.Streams.Counters.Aborted.Value, b.Streams.Counters.Aborted.Value));
        await cluster.NothingLeftAsync();
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_its_own_sender_only()
    {
        var (window, buffer) = (64 * 1024, 32 * 1024);
        await using var cluster = new LocalCluster();
        await cluster.AddAsync(options => options.Streaming = new StreamingOptions { Window = window, SendBuffer = buffer });
        await cluster.AddAsync(options => options.Streaming = new StreamingOptions { Window = window, SendBuffer = buffer });
        await cluster.FormedAsync();
        var (a, b) = cluster.Pair();
        var accepted = new TaskCompletionSource<GossipStream>();
        var end = new TaskCompletionSource();
        using var silent = b.Streams.Handle(Type, async (stream, _) =>
        {
            accepted.SetResult(stream);
            await end.Task; // reads nothing
        });
        using var echo = b.Streams.Handle(Type + 1, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        using var answers = b.Messages.HandleRequest(Type, (context, _) => new(context.Payload));

        await using var stream = await a.OpenAsync(b, Type);
        var written = 0;
        var held = WriteWithoutEndAsync();
        var other = await accepted.Task.InTime();
        await Awaiting.UntilAsync(() => other.Received == window);

        // The writer is held, and everything else goes on: more than the held stream could have sent meanwhile.
        for (var i = 0; i < 20; i++)
        {
            await a.Messages.RequestAsync(b.Id, Type, MessagePayload.FromText("?"), cancellationToken: Token);
            await EchoAsync(a, b, i, Type + 1);
        }

        Assert.False(held.IsCompleted);
        Assert.Equal(window, other.Received);
        Assert.InRange(written, window, window + buffer);
        end.SetResult(); // the handler ends, which tells the writer to stop
        await held.InTime();
        await stream.DisposeAsync();
        await cluster.NothingLeftAsync();

        async Task WriteWithoutEndAsync()
        {
            FlushResult result;
            do
            {
                result = await stream.Output.WriteAsync(new byte[1024], Token);
                written += result.IsCompleted ? 0 : 1024;
            }
            while (!result.IsCompleted);
        }
    }

    [Theory]
    [InlineData(StreamCompression.Brotli)]
    [InlineData(StreamCompression.Deflate)]
    public async Task Compressed_streams_carry_the_same_bytes_in_fewer(StreamCompression compression)
    {
        const int Lines = 50_000;
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var echo = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Lines).Select(static i => $"line {i} of many\n")));
        await using (var stream = await a.OpenAsync(b, Type, new StreamOptions { Compression = compression }))
        {
            var writing = WriteAsync(stream, content);
            Assert.Equal(content, await stream.ReadAllAsync().InTime());
            await writing.InTime();
        }

        Assert.InRange(b.Streams.Counters.BytesIn.Value, 1, content.Length / 3);

        // Each flush arrives without more being written, and an end of nothing is an end.
        await using (var talk = await a.OpenAsync(b, Type, new StreamOptions { Compression = compression }))
        {
            foreach (var word in new[] { "one", "two", "three" })
            {
                await talk.Output.WriteAsync(Encoding.UTF8.GetBytes(word), Token);
                var read = await talk.Input.ReadAtLeastAsync(word.Length, Token).AsTask().InTime();
                Assert.Equal(word, Encoding.UTF8.GetString(read.Buffer));
                talk.Input.AdvanceTo(read.Buffer.End);
            }

            await talk.Output.CompleteAsync();
            Assert.Empty(await talk.ReadAllAsync().InTime());
        }

        await using (var empty = await a.OpenAsync(b, Type, new StreamOptions { Compression = compression }))
        {
            await empty.Output.CompleteAsync();
            Assert.Empty(await empty.ReadAllAsync().InTime());
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => a.OpenAsync(b, Type, new StreamOptions { Compression = (StreamCompression)3 }));
        await cluster.NothingLeftAsync();
    }

    [Theory]
    [InlineData(StreamCompression.Brotli)]
    [InlineData(StreamCompression.Deflate)]
    public async Task A_reader_of_few_bytes_that_stand_for_many_keeps_few_and_bad_ones_abort(StreamCompression compression)
    {
        const int Huge = 32 << 20; // which compressed fits a window
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var end = new TaskCompletionSource();
        var accepted = new TaskCompletionSource<GossipStream>();
        using var handler = b.Streams.Handle(Type, async (stream, _) =>
        {
            accepted.SetResult(stream);
            await end.Task;
        });
        await using var stream = await a.OpenAsync(b, Type, new StreamOptions { Compression = compression });
        for (var written = 0; written < Huge; written += 1 << 20)
        {
            await stream.Output.WriteAsync(new byte[1 << 20], Token).AsTask().InTime();
        }

        var bomb = await accepted.Task.InTime();
        var read = await bomb.Input.ReadAsync(Token).AsTask().InTime();
        Assert.InRange(read.Buffer.Length, 1, 1 << 20);
        bomb.Input.AdvanceTo(read.Buffer.Start);

        // The bytes of the peer's pipe below the compression: none that a compressor writes.
        HostileStreamTests.Forge(a, b, stream.Key, offset: bomb.Received, Enumerable.Repeat((byte)0xff, 1000).ToArray());
        await Assert.ThrowsAsync<StreamAbortedException>(async () =>
        {
            while (true)
            {
                var next = await bomb.Input.ReadAsync(Token).AsTask().InTime();
                Assert.False(next.IsCompleted);
                bomb.Input.AdvanceTo(next.Buffer.End);
            }
        });
        Assert.Equal(StreamAbortReason.Protocol, (await Assert.ThrowsAsync<StreamAbortedException>(() => stream.ReadAllAsync().InTime())).Reason);
        end.SetResult();
        await cluster.NothingLeftAsync();
    }

    [Fact]
    public async Task Between_nodes_with_keys_streams_are_sealed()
    {
        await using var cluster = new LocalCluster();
        var key = GossipKeys.Generate();
        await cluster.AddAsync(options => options.EncryptionKeys.Add(key));
        await cluster.AddAsync(options => options.EncryptionKeys.Add(key));
        await cluster.FormedAsync();
        var (a, b) = cluster.Pair();
        using var echo = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        await using var stream = await a.OpenAsync(b, Type);
        var writing = WriteAsync(stream, content);
        Assert.Equal(content, await stream.ReadAllAsync().InTime());
        await writing.InTime();
    }

    [Fact]
    public async Task A_client_opens_streams_and_is_opened_to()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var member = cluster.Nodes.Single();
        await using var client = await cluster.AddAsync(options => options.Client = true);
        using var echo = member.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        using var echoOfClient = client.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        await EchoAsync(client, member, 1);
        await EchoAsync(member, client, 2);
    }

    internal static async Task WriteAsync(GossipStream stream, byte[] content)
    {
        await stream.Output.WriteAsync(content, Token);
        await stream.Output.CompleteAsync();
    }

    private static async Task EchoAsync(GossipNode from, GossipNode to, int number, int type = Type)
    {
        var content = new byte[Small];
        BinaryPrimitives.WriteInt32LittleEndian(content, number);
        await using var stream = await from.OpenAsync(to, type);
        await WriteAsync(stream, content);
        Assert.Equal(content, await stream.ReadAllAsync());
    }
}

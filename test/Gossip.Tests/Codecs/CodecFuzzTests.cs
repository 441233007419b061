using Gossip.Messaging;
using Gossip.Tests.Hostile;
using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Codecs;

/// <summary>Mutated payloads: no exception but the one that says so, and no more memory than the bytes pay for.</summary>
public sealed class CodecFuzzTests
{
    private const int Rounds = 100_000;

    /// <summary>A message of an error, with the place where it was thrown, and what a list takes when it grows.</summary>
    private const int FixedBound = 64 * 1024;

    /// <summary>An empty map is one byte, and a dictionary.</summary>
    private const int BoundPerByte = 512;

    /// <summary>The largest payload three times: where it is decompressed to, what the decoder gives, and what the handler gets.</summary>
    private const int InflatedBound = FixedBound + (3 * MessageLimits.MaxFrameSize);

    [Fact]
    public void Passing_over_allocates_nothing_but_errors() => Fuzz.Run("messagepack skip", Golden(), FixedBound, 0, static input =>
    {
        var reader = new MessagePackReader(input);
        try
        {
            while (!reader.End)
            {
                reader.Skip();
            }
        }
        catch (PayloadException)
        {
            Assert.InRange(reader.Position, 0, input.Length);
        }
    }, Rounds);

    [Fact]
    public void Values_of_no_declared_type() => Run<object>("messagepack object");

    [Fact]
    public void Json_inside_of_objects() => Run<System.Text.Json.JsonElement>("messagepack json");

    [Fact]
    public void Objects() => Run<Everything>("messagepack everything");

    [Fact]
    public void Brotli() => Decompress(BrotliCompressor.Default);

    [Fact]
    public void Snappy() => Decompress(SnappyCompressor.Default);

    [Fact]
    public void Protobuf()
    {
        ProtobufCodec.Default.Add<Google.Protobuf.WellKnownTypes.Struct>();
        var golden = MessagePayload.From(ProtobufTests.Sample(), ProtobufCodec.Default).Encoded.ToArray();
        Fuzz.Run("protobuf", [golden], FixedBound, BoundPerByte, static input =>
        {
            try
            {
                _ = ProtobufCodec.Default.Decode<Google.Protobuf.WellKnownTypes.Struct>(input.ToArray(), contract: null);
            }
            catch (PayloadException)
            {
                // What is meant to be thrown.
            }
        }, Rounds);
    }

    private static void Run<T>(string name) => Fuzz.Run(name, Golden(), FixedBound, BoundPerByte, static input =>
    {
        try
        {
            _ = MessagePackCodec.Default.Deserialize<T>(input.ToArray());
        }
        catch (PayloadException)
        {
            // What is meant to be thrown.
        }
    }, Rounds);

    private static void Decompress(IPayloadCompressor compressor)
    {
        var options = new MessagingOptions { CompressAbove = 64 };
        options.Compressors.Add(compressor);
        var compression = new PayloadCompression(options);
        var cluster = TestCluster.Of(2, options: options);
        cluster.Publish(); // now each sees what the other has
        var member = cluster.Nodes[0].View.Find(cluster.Nodes[1].Id);
        byte[][] golden = [.. new[] { 100, 1000, 5000 }.Select(size => compression.CompressFor(member, MessagePayload.FromBytes(new byte[size]))).Select(payload => payload.Encoded.ToArray())];
        Assert.All(golden, each => Assert.True(each.Length < 400));
        Fuzz.Run($"decompression {compressor.Name}", golden, InflatedBound, 0, input =>
        {
            if (compression.TryOpen(compressor.Id, input, out var payload, out var refusal))
            {
                Assert.Equal(PayloadCompression.SizeOf(compressor.Id, input), payload.Length);
            }
            else
            {
                Assert.NotEmpty(refusal);
            }
        }, Rounds);
    }

    private static byte[][] Golden()
    {
        var random = new Random(3);
        return
        [
            MessagePackCodec.Default.Serialize(Everything.Sample()),
            MessagePackCodec.Default.Serialize(new Everything { Pairs = [] }),
            .. Enumerable.Range(0, 30).Select(_ => MessagePackCodec.Default.Serialize(RandomValues.Next(random, 3))).Where(static bytes => bytes.Length < 1000),
        ];
    }
}

using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>The decoder of a stream, under streams that are damaged and cut in all ways.</summary>
public sealed class FrameDecoderFuzzTests
{
    private const int MaxFrameSize = 64 * 1024;

    /// <summary>The decoder itself, and now and then a buffer that the pool had not yet.</summary>
    private const int DecoderOverhead = 2 * FrameDecoder.InitialSize;

    [Fact]
    public void Damaged_streams_give_the_same_packets_or_the_same_error_however_they_are_cut()
    {
        var random = new Random(Fuzz.Seed);
        Fuzz.Run("frame decoder", Streams(), DecoderOverhead + 1024, 8, input =>
        {
            var whole = Decode(input, input.Length);
            var cut = Decode(input, input.Length == 0 ? 0 : random.Next(input.Length + 1));
            Assert.Equal(whole, cut);
        });
    }

    [Fact]
    public void A_stream_gives_the_same_packets_wherever_it_is_cut()
    {
        foreach (var stream in Whole())
        {
            var whole = Decode(stream, stream.Length);
            Assert.False(whole.Failed);
            for (var at = 0; at <= stream.Length; at++)
            {
                Assert.Equal(whole, Decode(stream, at));
                Assert.Equal(whole.Packets, Decode(stream.AsSpan(0, at), at).Packets + Rest(stream, at));
            }
        }
    }

    private static byte[][] Whole() =>
    [
        .. GoldenPackets.Control.Select(packet => FrameDecoderTests.Frame(packet.Bytes)),
        [.. GoldenPackets.Control.Take(6).SelectMany(packet => FrameDecoderTests.Frame(packet.Bytes))],
    ];

    private static byte[][] Streams() =>
    [
        .. Whole(),
        FrameDecoderTests.LengthPrefix(MaxFrameSize),
        FrameDecoderTests.LengthPrefix(MaxFrameSize + 1),
    ];

    /// <summary>How many packets of a stream end behind a position.</summary>
    private static int Rest(byte[] stream, int at)
    {
        var (packets, end) = (0, 0);
        while (end + FrameFormat.LengthSize <= stream.Length)
        {
            end += FrameFormat.LengthSize + (int)FrameFormat.ReadLength(stream.AsSpan(end));
            packets += end <= stream.Length && end > at ? 1 : 0;
        }

        return packets;
    }

    /// <summary>Feeds a stream in two pieces; the second arrives when all of the first was read.</summary>
    private static (int Packets, int Sum, bool Failed) Decode(ReadOnlySpan<byte> stream, int cut)
    {
        using var decoder = new FrameDecoder(MaxFrameSize);
        var result = (Packets: 0, Sum: 0, Failed: false);
        Feed(decoder, stream[..cut], ref result);
        Feed(decoder, stream[cut..], ref result);
        Assert.True(decoder.Capacity <= Math.Max(FrameDecoder.InitialSize, 2 * stream.Length), "The buffer is larger than what arrived explains.");
        return result;
    }

    private static void Feed(FrameDecoder decoder, ReadOnlySpan<byte> bytes, ref (int Packets, int Sum, bool Failed) result)
    {
        while (!bytes.IsEmpty && !result.Failed)
        {
            var count = Math.Min(decoder.GetFree().Length, bytes.Length);
            bytes[..count].CopyTo(decoder.GetFree().Span);
            decoder.Advance(count);
            bytes = bytes[count..];
            try
            {
                while (decoder.TryRead(out var packet))
                {
                    result.Packets++;
                    foreach (var value in packet.Span)
                    {
                        result.Sum = unchecked((result.Sum * 31) + value);
                    }
                }
            }
            catch (InvalidDataException)
            {
                result.Failed = true; // the one error that there is; it ends the connection
            }
        }
    }
}

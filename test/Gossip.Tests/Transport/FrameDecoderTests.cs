using System.Buffers.Binary;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class FrameDecoderTests
{
    private const int MaxFrameSize = 1 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5000)]
    [InlineData(1 << 22)]
    public void Cuts_the_same_packets_out_of_any_pieces(int pieceSize)
    {
        int[] sizes = [1, 3, 100, FrameDecoder.InitialSize, 200_000, 2, FrameDecoder.InitialSize - 4, MaxFrameSize, 1];
        var random = new Random(7);
        var packets = sizes.Select(size => RandomPacket(random, size)).ToArray();
        var stream = packets.SelectMany(Frame).ToArray();
        using var decoder = new FrameDecoder(MaxFrameSize);
        var read = new List<byte[]>();

        for (var offset = 0; offset < stream.Length;)
        {
            var free = decoder.GetFree();
            var count = Math.Min(pieceSize, Math.Min(free.Length, stream.Length - offset));
            stream.AsSpan(offset, count).CopyTo(free.Span);
            decoder.Advance(count);
            offset += count;
            while (decoder.TryRead(out var packet))
            {
                read.Add(packet.ToArray());
            }
        }

        Assert.True(decoder.IsEmpty);
        Assert.Equal(packets, read);
    }

    [Fact]
    public void An_announced_size_allocates_nothing()
    {
        using var decoder = new FrameDecoder(MaxFrameSize);

        Feed(decoder, LengthPrefix(MaxFrameSize));
        Assert.False(decoder.TryRead(out _));
        _ = decoder.GetFree();
        Assert.Equal(FrameDecoder.InitialSize, decoder.Capacity);

        Feed(decoder, new byte[decoder.GetFree().Length]);
        _ = decoder.GetFree();
        Assert.Equal(2 * FrameDecoder.InitialSize, decoder.Capacity);
    }

    [Fact]
    public void A_large_frame_leaves_no_large_buffer()
    {
        using var decoder = new FrameDecoder(MaxFrameSize);
        ReadOnlySpan<byte> rest = Frame(new byte[MaxFrameSize]);
        while (!rest.IsEmpty)
        {
            var count = Math.Min(decoder.GetFree().Length, rest.Length);
            Feed(decoder, rest[..count]);
            rest = rest[count..];
        }

        Assert.True(decoder.TryRead(out _));
        _ = decoder.GetFree();
        Assert.Equal(FrameDecoder.InitialSize, decoder.Capacity);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(MaxFrameSize + 1u)]
    [InlineData(uint.MaxValue)]
    public void Refuses_lengths_that_make_no_sense(uint length)
    {
        using var decoder = new FrameDecoder(MaxFrameSize);
        Feed(decoder, LengthPrefix(length));

        Assert.Throws<InvalidDataException>(() => decoder.TryRead(out _));
    }

    internal static byte[] LengthPrefix(uint length)
    {
        var prefix = new byte[FrameFormat.LengthSize];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, length);
        return prefix;
    }

    internal static byte[] Frame(byte[] packet) => [.. LengthPrefix((uint)packet.Length), .. packet];

    internal static byte[] RandomPacket(Random random, int size)
    {
        var packet = new byte[size];
        random.NextBytes(packet);
        return packet;
    }

    private static void Feed(FrameDecoder decoder, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(decoder.GetFree().Span);
        decoder.Advance(bytes.Length);
    }
}

using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

public class SealTests
{
    private static readonly NodeInstance A = GoldenPackets.A;
    private static readonly NodeInstance B = GoldenPackets.B;

    [Theory]
    [InlineData((int)SealPath.Datagram, 0)]
    [InlineData((int)SealPath.Datagram, 1336)]
    [InlineData((int)SealPath.Stream, 1)]
    [InlineData((int)SealPath.Stream, 1_000_000)]
    public void What_was_sealed_opens_to_the_same_bytes(int path, int size)
    {
        using var bench = new SealBench((SealPath)path);
        var plain = SealBench.Packet(A, size);

        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(plain), out var opened));
        Assert.Equal(plain, opened);
    }

    [Fact]
    public void No_bit_can_be_changed()
    {
        using var bench = new SealBench(SealPath.Datagram);
        var packet = bench.Seal(SealBench.Packet(A, 20));
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var changed = (byte[])packet.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SealVerdict.Opened, bench.Open(changed));
        }

        Assert.Equal(0, bench.Opener.SessionCount);
        Assert.Equal(SealVerdict.Opened, bench.Open(packet));
    }

    [Fact]
    public void No_bit_can_be_changed_in_a_packet_of_a_known_sender()
    {
        using var bench = new SealBench(SealPath.Datagram);
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A))));
        var packet = bench.Seal(SealBench.Packet(A, 20));
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var changed = (byte[])packet.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SealVerdict.Opened, bench.Open(changed));
        }

        Assert.Equal(SealVerdict.Opened, bench.Open(packet));
    }

    [Fact]
    public void A_packet_cannot_be_cut_short()
    {
        using var bench = new SealBench(SealPath.Datagram);
        var packet = bench.Seal(SealBench.Packet(A, 20));
        for (var size = 0; size < packet.Length; size++)
        {
            Assert.NotEqual(SealVerdict.Opened, bench.Open(packet[..size]));
        }
    }

    [Fact]
    public void Each_reason_of_a_refusal_has_its_name()
    {
        using var bench = new SealBench(SealPath.Datagram);
        Assert.Equal(SealVerdict.Unsealed, bench.Open(SealBench.Packet(A)));
        Assert.Equal(SealVerdict.UnknownKey, bench.Open(bench.Seal(SealBench.Packet(A), SealBench.OtherKey)));

        // Another key that pretends to be the known one.
        var packet = bench.Seal(SealBench.Packet(A), SealBench.OtherKey);
        PacketHeader.WriteKeyId(packet, RingKey.Parse(SealBench.Key).Id);
        Assert.Equal(SealVerdict.BadTag, bench.Open(packet));
    }

    [Fact]
    public void Packets_of_another_cluster_do_not_open_even_if_the_hash_of_its_name_were_the_same()
    {
        // The bench writes the same hash into every header, as if both names had it.
        using var stranger = new SealBench(SealPath.Datagram, cluster: "others");
        using var bench = new SealBench(SealPath.Datagram);
        Assert.Equal(SealVerdict.BadTag, bench.Open(stranger.Seal(SealBench.Packet(A))));
    }

    [Fact]
    public void The_names_are_authenticated_besides_being_in_the_key()
    {
        var packet = SealBench.Packet(A);
        var here = new SealScope("orders", "eu");
        var there = new SealScope("ordersx", "eu");
        Span<byte> one = new byte[here.AssociatedSize];
        Span<byte> other = new byte[there.AssociatedSize];
        here.WriteAssociated(packet, one);
        there.WriteAssociated(packet, other);

        Assert.False(one.SequenceEqual(other));
        Assert.True(one[..PacketHeader.Size].SequenceEqual(packet.AsSpan(0, PacketHeader.Size)));
        Assert.Equal("orders\0eu"u8.ToArray(), one[PacketHeader.Size..].ToArray());
    }

    [Fact]
    public void A_datagram_does_not_open_on_a_stream()
    {
        using var datagrams = new SealBench(SealPath.Datagram);
        using var streams = new SealBench(SealPath.Stream);
        Assert.Equal(SealVerdict.BadTag, streams.Open(datagrams.Seal(SealBench.Packet(A))));
    }

    [Theory]
    [InlineData((int)SealPath.Datagram)]
    [InlineData((int)SealPath.Stream)]
    public void Each_packet_opens_once_in_whatever_order_they_come(int path)
    {
        using var bench = new SealBench((SealPath)path);
        byte[][] packets = [.. Enumerable.Range(0, 1000).Select(_ => bench.Seal(SealBench.Packet(A)))];
        new Random(1).Shuffle(packets);

        Assert.All(packets, packet => Assert.Equal(SealVerdict.Opened, bench.Open(packet)));
        Assert.All(packets, packet => Assert.Equal(SealVerdict.Replay, bench.Open(packet)));
    }

    [Fact]
    public void What_is_older_than_the_window_is_a_replay()
    {
        using var bench = new SealBench(SealPath.Datagram);
        var old = bench.Seal(SealBench.Packet(A));
        for (var i = 0; i < 1023; i++)
        {
            bench.Seal(SealBench.Packet(A)); // to others
        }

        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A))));
        Assert.Equal(SealVerdict.Replay, bench.Open(old));
    }

    [Fact]
    public void A_bad_packet_does_not_move_the_window()
    {
        using var bench = new SealBench(SealPath.Datagram);
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A))));
        var next = bench.Seal(SealBench.Packet(A));
        var forged = (byte[])next.Clone();
        forged.AsSpan(PacketHeader.Size + SealFormat.BootSize, sizeof(ulong)).Fill(0xFF);

        Assert.Equal(SealVerdict.BadTag, bench.Open(forged));
        Assert.Equal(SealVerdict.Opened, bench.Open(next));
    }

    [Fact]
    public void A_key_that_comes_back_finds_its_window()
    {
        using var bench = new SealBench(SealPath.Stream);
        var packet = bench.Seal(SealBench.Packet(A));
        Assert.Equal(SealVerdict.Opened, bench.Open(packet));
        Assert.Equal(SealVerdict.UnknownKey, bench.Open(packet, SealBench.Ring(SealBench.OtherKey)));
        Assert.Equal(SealVerdict.Replay, bench.Open(packet, SealBench.Ring(SealBench.OtherKey, SealBench.Key)));
    }

    [Fact]
    public void The_ciphers_of_a_removed_key_go_with_the_next_packet()
    {
        using var bench = new SealBench(SealPath.Datagram);
        var both = SealBench.Ring(SealBench.Key, SealBench.OtherKey);
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A)), both));
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(B)), both));
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A), SealBench.OtherKey), both));
        Assert.Equal(3, bench.Opener.CipherCount);

        var one = SealBench.Ring(SealBench.OtherKey);
        Assert.Equal(SealVerdict.UnknownKey, bench.Open(bench.Seal(SealBench.Packet(B)), one));
        Assert.Equal(1, bench.Opener.CipherCount);
        Assert.Equal(3, bench.Opener.SessionCount);

        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(B)), both));
        Assert.Equal(2, bench.Opener.CipherCount);
    }

    [Fact]
    public void Neither_key_nor_life_of_the_sender_makes_a_nonce_repeat()
    {
        using var bench = new SealBench(SealPath.Stream);
        var next = A with { Generation = A.Generation + 1 };
        byte[][] packets =
        [
            bench.Seal(SealBench.Packet(A)),
            bench.Seal(SealBench.Packet(A), SealBench.OtherKey),
            bench.Seal(SealBench.Packet(next)),
            bench.Seal(SealBench.Packet(A)),
        ];

        Assert.Equal([1UL, 2UL, 3UL, 4UL], packets.Select(packet => SealFormat.Counter(packet)));
        var ring = SealBench.Ring(SealBench.Key, SealBench.OtherKey);
        Assert.All(packets, packet => Assert.Equal(SealVerdict.Opened, bench.Open(packet, ring)));
    }

    [Fact]
    public void Strangers_neither_fill_the_sessions_nor_push_members_out()
    {
        using var bench = new SealBench(SealPath.Datagram, capacity: 2);
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(A))));
        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(B))));
        var seen = bench.Seal(SealBench.Packet(A));
        Assert.Equal(SealVerdict.Opened, bench.Open(seen));

        var random = new Random(2);
        var ring = SealBench.Ring(SealBench.Key);
        var buffer = new byte[200];
        var packet = SealBench.Packet(A, 64);
        var keyId = RingKey.Parse(SealBench.Key).Id;
        for (var i = 0; i < 100_000; i++)
        {
            random.NextBytes(packet.AsSpan(i % 2 == 0 ? 12 : PacketHeader.Size)); // as strangers, and in the name of a member
            PacketHeader.WriteKeyId(packet, keyId);
            Assert.True(PacketHeader.TryRead(packet, out var header));
            Assert.Equal(SealVerdict.BadTag, bench.Opener.Open(ring, header, packet, buffer));
        }

        Assert.Equal(2, bench.Opener.SessionCount);
        Assert.Equal(SealVerdict.Replay, bench.Open(seen));
    }

    [Fact]
    public void Sessions_are_bounded_and_the_one_used_longest_ago_goes()
    {
        using var bench = new SealBench(SealPath.Datagram, capacity: 3);
        NodeInstance Life(int number) => A with { Generation = (ulong)number };
        var first = bench.Seal(SealBench.Packet(Life(1)));
        Assert.Equal(SealVerdict.Opened, bench.Open(first));
        for (var number = 2; number <= 20; number++)
        {
            Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(Life(number)))));
            Assert.Equal(SealVerdict.Replay, bench.Open(first)); // which counts as use
            Assert.InRange(bench.Opener.SessionCount, 1, 3);
        }
    }

    [Fact]
    public void Packets_of_former_lives_do_not_push_the_living_out_of_a_small_cluster()
    {
        const int Restarts = 200;
        using var bench = new SealBench(SealPath.Datagram, capacity: SealCapacity.For(maxMembers: 2).Datagram);
        var seen = bench.Seal(SealBench.Packet(A));
        Assert.Equal(SealVerdict.Opened, bench.Open(seen));
        for (var life = 1; life <= Restarts; life++)
        {
            Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(B with { Generation = (ulong)life }))));
        }

        Assert.Equal(SealVerdict.Replay, bench.Open(seen));
    }

    [Fact]
    public async Task Many_threads_may_open_packets_of_one_sender()
    {
        using var bench = new SealBench(SealPath.Stream);
        byte[][] packets = [.. Enumerable.Range(0, 2000).Select(_ => bench.Seal(SealBench.Packet(A)))];
        var opened = 0;
        await Parallel.ForEachAsync(packets.Concat(packets), TestContext.Current.CancellationToken, (packet, _) =>
        {
            if (bench.Open(packet) == SealVerdict.Opened)
            {
                Interlocked.Increment(ref opened);
            }

            return ValueTask.CompletedTask;
        });

        Assert.Equal(packets.Length, opened);
        Assert.Equal(1, bench.Opener.SessionCount);
    }
}

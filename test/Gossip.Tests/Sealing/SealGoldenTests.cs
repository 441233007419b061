using System.Security.Cryptography;
using System.Text;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>Holds the sealed packet of docs/wire.md against the code, and against the construction that the document describes.</summary>
public class SealGoldenTests
{
    private const uint Boot = 0xa1b2c3d4;
    private static readonly byte[] Key = [.. Enumerable.Range(0x20, RingKey.Size).Select(value => (byte)value)];

    [Fact]
    public void The_annotated_packet_is_what_the_code_writes()
    {
        var plain = GoldenPackets.Ping();
        var packet = new byte[plain.Length + SealFormat.Overhead];
        using var lane = new SealLane(new SealScope(GoldenPackets.ClusterName, GoldenPackets.ServiceId), SealPath.Datagram, Boot);

        Assert.Equal(packet.Length, lane.Seal(new RingKey(Key), plain, packet));
        Assert.Equal(Convert.ToHexStringLower(WireDocument.Dump("SealedPing")), Convert.ToHexStringLower(packet));
    }

    [Fact]
    public void The_annotated_packet_opens_as_the_document_says()
    {
        var packet = WireDocument.Dump("SealedPing");
        var names = Encoding.UTF8.GetBytes($"{GoldenPackets.ClusterName}\0{GoldenPackets.ServiceId}");
        byte[] info = [.. "gossip-seal-1"u8, 0, .. packet[12..36], .. packet[36..40]];
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Key, 32, SHA256.HashData(names), info);
        var body = new byte[packet.Length - 64];

        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(packet.AsSpan(36, 12), packet.AsSpan(48..^16), packet.AsSpan(^16..), body, [.. packet[..36], .. names]);

        Assert.Equal(GoldenPackets.Ping()[36..], body);
        Assert.Contains(Convert.ToHexStringLower(key), RepositoryFile.Read("docs", "wire.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_annotated_packet_for_the_other_cipher_is_what_the_code_writes_and_opens()
    {
        var plain = GoldenPackets.Ping();
        var packet = new byte[plain.Length + SealFormat.Overhead];
        var key = new RingKey(Key, GossipCipher.ChaCha20Poly1305);
        using var lane = new SealLane(new SealScope(GoldenPackets.ClusterName, GoldenPackets.ServiceId), SealPath.Datagram, Boot);

        Assert.Equal(packet.Length, lane.Seal(key, plain, packet));
        Assert.Equal(Convert.ToHexStringLower(WireDocument.Dump("SealedPingChaCha20")), Convert.ToHexStringLower(packet));
        Assert.Equal("cc20e82dfd9759b28b36ce6f240a561b", GossipKeyInfo.FingerprintText(key.Fingerprint));

        var opened = new byte[plain.Length];
        Assert.True(lane.TryReopen(SealBench.Ring(KeyText.Format(key.Cipher, Key)), packet, opened));
        Assert.Equal(plain, opened);
    }

    [Theory]
    [InlineData(16, "8699186552aca89d4b08ad5f875111d6fdf592b21d39851bc7871ee33cf25df9")]
    [InlineData(32, "0326efdfb03572ed939a2bd56ec6e2b38408c3f45a99766cd7592e13ec7ff77d")]
    public void Keys_of_other_sizes_are_derived_to_the_same_size(int size, string derived)
    {
        var plain = GoldenPackets.Ping();
        var packet = new byte[plain.Length + SealFormat.Overhead];
        using var lane = new SealLane(new SealScope(GoldenPackets.ClusterName, GoldenPackets.ServiceId), SealPath.Datagram, Boot);
        lane.Seal(new RingKey(Key.AsSpan(0, size)), plain, packet);

        var body = new byte[plain.Length - PacketHeader.Size];
        using var cipher = new AesGcm(Convert.FromHexString(derived), 16);
        var names = Encoding.UTF8.GetBytes($"{GoldenPackets.ClusterName}\0{GoldenPackets.ServiceId}");
        cipher.Decrypt(packet.AsSpan(36, 12), packet.AsSpan(48..^16), packet.AsSpan(^16..), body, [.. packet[..36], .. names]);
        Assert.Equal(plain[PacketHeader.Size..], body);
    }
}

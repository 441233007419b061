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
}

using Gossip.Hosting;
using Gossip.Tests.Hostile;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>Keys as users write them: sizes, notations, ciphers.</summary>
public sealed class KeyTextTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0xa1, RingKey.Size).Select(value => (byte)value)];

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void Keys_of_all_sizes_of_aes_are_taken_in_both_notations(int size)
    {
        var bytes = Bytes[..size];
        foreach (var text in new[] { Convert.ToBase64String(bytes), Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), "aes-256-gcm:" + Convert.ToBase64String(bytes), "AES-256-GCM: " + Convert.ToHexString(bytes) })
        {
            var key = RingKey.Parse(text);
            Assert.Equal(bytes, key.Bytes.ToArray());
            Assert.Equal(GossipCipher.Aes256Gcm, key.Cipher);
            Assert.Empty(GossipOptionsValidator.Check(new GossipOptions { EncryptionKeys = { text } }));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(23)]
    [InlineData(25)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(48)]
    public void Other_sizes_are_refused_with_those_that_are_allowed(int size)
    {
        var bytes = Enumerable.Range(0, size).Select(value => (byte)(value + 1)).ToArray();
        foreach (var text in new[] { Convert.ToBase64String(bytes), Convert.ToHexString(bytes) })
        {
            var error = Assert.Throws<GossipKeyException>(() => RingKey.Parse(text));
            Assert.Contains("16, 24 or 32 bytes", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_bytes_under_another_cipher_are_another_key()
    {
        var aes = RingKey.Parse(Convert.ToHexString(Bytes));
        var chacha = RingKey.Parse("ChaCha20-Poly1305:" + Convert.ToHexString(Bytes));

        Assert.Equal(GossipCipher.ChaCha20Poly1305, chacha.Cipher);
        Assert.Equal(aes.Bytes.ToArray(), chacha.Bytes.ToArray());
        Assert.Equal((chacha.ToString(), chacha.Cipher), (GossipKeys.Describe("chacha20-poly1305:" + Convert.ToHexString(Bytes)).Id, chacha.Cipher));
        Assert.NotEqual(aes.Fingerprint, chacha.Fingerprint);
    }

    [Theory]
    [InlineData("aes-128-gcm:U0VDUkVUU0VDUkVUU0VDUg==")]
    [InlineData(":U0VDUkVUU0VDUkVUU0VDUg==")]
    [InlineData("U0VDUkVUU0VDUkVUU0VDUg==:aes")]
    public void A_cipher_that_is_not_known_is_refused_without_repeating_a_word(string text)
    {
        var error = Assert.Throws<GossipKeyException>(() => RingKey.Parse(text));
        Assert.Contains("chacha20-poly1305:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("U0VD", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("128", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GossipCipher.Aes256Gcm)]
    [InlineData(GossipCipher.ChaCha20Poly1305)]
    public void Generated_keys_name_their_cipher(GossipCipher cipher)
    {
        var key = RingKey.Parse(GossipKeys.Generate(cipher));
        Assert.Equal(cipher, key.Cipher);
        Assert.Equal(RingKey.Size, key.Bytes.Length);
    }

    [Theory]
    [InlineData(GossipCipher.Aes256Gcm, "OpenSSL")]
    [InlineData(GossipCipher.ChaCha20Poly1305, "AES-256-GCM")]
    public void A_platform_without_a_cipher_says_what_to_do(GossipCipher cipher, string remedy)
    {
        Assert.Null(SealCipher.Obstacle(cipher, isSupported: true));
        Assert.Contains(remedy, SealCipher.Obstacle(cipher, isSupported: false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cipher_of_a_later_version_is_no_cipher() =>
        Assert.Contains("cipher number 9", Assert.Throws<GossipKeyException>(() => GossipKeys.Generate((GossipCipher)9)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(SealPath.Datagram)]
    [InlineData(SealPath.Stream)]
    public void A_ring_with_keys_for_both_ciphers_opens_what_either_sealed(object path)
    {
        using var bench = new SealBench((SealPath)path);
        var chacha = "chacha20-poly1305:" + SealBench.Key;
        var plain = SealBench.Packet(Wire.GoldenPackets.A);
        var ring = SealBench.Ring(SealBench.Key, chacha);
        foreach (var key in new[] { SealBench.Key, chacha })
        {
            var packet = bench.Seal(plain, key);
            Assert.Equal(SealVerdict.Opened, bench.Open(packet, out var opened, ring));
            Assert.Equal(plain, opened);
        }

        // And a ring that has the bytes for the other cipher only does not guess.
        Assert.Equal(SealVerdict.UnknownKey, bench.Open(bench.Seal(plain, chacha), SealBench.Ring(SealBench.Key)));
    }

    [Fact]
    public void Any_text_is_a_key_or_refused()
    {
        string[] seeds = [SealBench.Key, SealBench.OtherKey, "chacha20-poly1305:" + SealBench.Key, "aes-256-gcm: " + SealBench.OtherKey, Convert.ToHexString(Bytes.AsSpan(0, 24))];
        var taken = 0;
        foreach (var text in MutatedText.Of(seeds))
        {
            try
            {
                Assert.True(RingKey.IsSize(RingKey.Parse(text).Bytes.Length));
                taken++;
            }
            catch (GossipKeyException e)
            {
                Assert.True(text.Trim().Length < 16 || !e.Message.Contains(text.Trim(), StringComparison.Ordinal));
            }
        }

        Assert.True(taken > 100, $"{taken} keys");
    }
}

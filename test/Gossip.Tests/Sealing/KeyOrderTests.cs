using Gossip.Tests.Hostile;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>Orders about keys and the answers to them, as bytes.</summary>
public sealed class KeyOrderTests
{
    /// <summary>A key, or the descriptions of sixteen; a collection can add 8 KiB, what the thread had in reserve.</summary>
    private const int Bound = 16 * 1024;
    private const int Factor = 64;

    private static readonly RingKey Key = new([.. Enumerable.Range(1, 16).Select(value => (byte)value)], GossipCipher.ChaCha20Poly1305);

    private static KeyOrder Install => new(KeyAction.Install, Key.Fingerprint, Key);

    private static KeyOrder Use => new(KeyAction.Use, Key.Fingerprint);

    [Fact]
    public void Orders_are_written_as_the_document_says()
    {
        var fingerprint = GossipKeyInfo.FingerprintText(Key.Fingerprint);
        Assert.Equal("0801", Hex(new KeyOrder(KeyAction.List, default)));
        Assert.Equal("0802" + "1210" + fingerprint + "1801" + "2210" + "0102030405060708090a0b0c0d0e0f10", Hex(Install));
        Assert.Equal("0803" + "1210" + fingerprint, Hex(Use));
        Assert.Equal("0804" + "1210" + fingerprint, Hex(new KeyOrder(KeyAction.Remove, Key.Fingerprint)));

        static string Hex(KeyOrder order) => Convert.ToHexStringLower(order.Encode());
    }

    [Fact]
    public void Reports_are_written_as_the_document_says_and_hold_no_key()
    {
        var ring = SealBench.Ring(SealBench.Key).With(Key);
        var (first, second) = (GossipKeyInfo.FingerprintText(ring.Primary!.Fingerprint), GossipKeyInfo.FingerprintText(Key.Fingerprint));
        var report = KeyReport.Encode(ring, allowsChanges: true, "no");
        Assert.Equal("0a026e6f" + "1001" + "1a12" + "0a10" + first + "1a14" + "0a10" + second + "1001", Convert.ToHexStringLower(report));

        var read = KeyReport.Read(report)!;
        Assert.Equal(KeyReport.Describe(ring), read.Keys);
        Assert.True(read.AllowsChanges);
        Assert.Equal("no", read.Refusal);
    }

    [Fact]
    public void A_key_that_is_not_the_one_that_is_named_is_no_order() =>
        Assert.False(KeyOrder.TryRead((Install with { Fingerprint = 7 }).Encode(), out _, out _));

    [Fact]
    public void A_key_for_a_cipher_of_a_later_version_is_refused_with_a_reason()
    {
        var order = Install.Encode();
        order[Array.LastIndexOf(order, (byte)0x18) + 1] = 9;

        Assert.True(KeyOrder.TryRead(order, out var read, out var obstacle));
        Assert.Contains("cipher number 9", obstacle, StringComparison.Ordinal);
        var keys = new GossipKeys(SealBench.Ring(SealBench.Key));
        Assert.Equal(obstacle, KeyReport.Read(keys.Carry(read, obstacle, allowsChanges: true, out _))!.Refusal);
        Assert.Single(keys.Ids);
    }

    [Fact]
    public void Any_bytes_are_an_order_or_none() => Fuzz.Run("key-order", [Install.Encode(), Use.Encode(), new KeyOrder(KeyAction.List, default).Encode()], Bound, Factor, static input =>
    {
        if (KeyOrder.TryRead(input, out var order, out var obstacle))
        {
            Assert.True(order.Action is >= KeyAction.List and <= KeyAction.Remove);
            Assert.Equal(order.Action == KeyAction.Install, order.Key is not null || obstacle is not null);
        }
    });

    [Fact]
    public void Any_bytes_are_a_report_or_none() => Fuzz.Run("key-report", [KeyReport.Encode(SealBench.Ring(SealBench.Key, SealBench.OtherKey), true, "because")], Bound, Factor, static input =>
        Assert.True(KeyReport.Read(input) is null or { Keys.Count: <= KeyRing.MaxKeys }));
}

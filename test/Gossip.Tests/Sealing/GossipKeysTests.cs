using System.Text.Json;
using Gossip.Hosting;
using Gossip.Wire;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gossip.Tests.Sealing;

public class GossipKeysTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(1, RingKey.Size).Select(value => (byte)value)];

    [Fact]
    public void A_key_may_be_base64_or_hexadecimal()
    {
        string[] forms = [Convert.ToBase64String(Bytes), Convert.ToHexString(Bytes), Convert.ToHexStringLower(Bytes), $" {Convert.ToBase64String(Bytes)}\n"];
        Assert.All(forms, form => Assert.Equal(Bytes, RingKey.Parse(form).Bytes.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SECRETSECRETSECRET")]
    [InlineData("SECRETSECRETSECRETSECRETSECRETSECRETSECRET==")]
    [InlineData("SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECR")]
    [InlineData("U0VDUkVU")]
    [InlineData("chacha20-poly1305:SECRET")]
    public void What_is_no_key_is_refused_without_being_repeated(string text)
    {
        var error = Assert.Throws<GossipKeyException>(() => RingKey.Parse(text));
        Assert.Contains("base64", error.Message, StringComparison.Ordinal);
        Assert.Contains("hexadecimal", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", error.Message, StringComparison.Ordinal);

        var failure = Assert.Single(GossipOptionsValidator.Check(new GossipOptions { EncryptionKeys = { text } }));
        Assert.StartsWith("EncryptionKeys", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_never_zero_and_generated_keys_differ()
    {
        var keys = Enumerable.Range(0, 2000).Select(_ => GossipKeys.Generate()).ToArray();
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.All(keys, key => Assert.NotEqual(0, RingKey.Parse(key).Id));
    }

    [Fact]
    public void Two_keys_with_one_id_are_refused()
    {
        // With 255 ids a pair is among 256 keys for sure.
        var pair = Enumerable.Range(0, 256).Select(_ => GossipKeys.Generate()).GroupBy(key => RingKey.Parse(key).Id).First(group => group.Count() > 1).Take(2).ToArray();
        var error = Assert.Throws<GossipKeyException>(() => KeyRing.Parse(pair));
        Assert.Contains("choose another key", error.Message, StringComparison.Ordinal);
        Assert.Single(KeyRing.Parse([pair[0], pair[0]]).Keys.ToArray());
    }

    [Fact]
    public void A_ring_has_at_most_sixteen_keys()
    {
        var keys = Enumerable.Range(0, 500).Select(_ => GossipKeys.Generate()).DistinctBy(key => RingKey.Parse(key).Id).ToArray();
        Assert.Equal(16, KeyRing.Parse(keys.Take(16)).Keys.Length);
        Assert.Contains("16", Assert.Throws<GossipKeyException>(() => KeyRing.Parse(keys.Take(17))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_added_used_and_removed()
    {
        var (one, other) = (SealBench.Key, SealBench.OtherKey);
        var keys = new GossipKeys(KeyRing.Parse([one]));
        var first = keys.Primary!;

        var second = keys.Add(other);
        Assert.Equal([first, second], keys.Ids);
        Assert.Equal(second, keys.Add(other));

        Assert.Throws<GossipKeyException>(() => keys.Remove(first));
        keys.Use(second);
        Assert.Equal([second, first], keys.Ids);
        Assert.Equal($"keys {second}*, {first}", keys.ToString());

        Assert.True(keys.Remove(one));
        Assert.False(keys.Remove(one));
        Assert.Throws<GossipKeyException>(() => keys.Use(one));
        Assert.Throws<GossipKeyException>(() => keys.Use(first));
        Assert.Equal([second], keys.Ids);
    }

    [Fact]
    public void A_node_that_was_started_without_keys_gets_none()
    {
        var keys = new GossipKeys(KeyRing.Empty);
        Assert.Empty(keys.Ids);
        Assert.Null(keys.Primary);
        Assert.Contains("EncryptionKeys", Assert.Throws<GossipKeyException>(() => keys.Add(SealBench.Key)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_come_from_configuration_and_allow_to_listen_beyond_loopback()
    {
        var settings = new Dictionary<string, string?> { ["Gossip:EncryptionKeys:0"] = SealBench.Key, ["Gossip:EncryptionKeys:1"] = SealBench.OtherKey, ["Gossip:BindAddress"] = "0.0.0.0:0" };
        var options = new GossipOptions();
        new ConfigureGossipOptions(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Configure(options);

        Assert.Equal([SealBench.Key, SealBench.OtherKey], options.EncryptionKeys);
        Assert.Empty(GossipOptionsValidator.Check(options));
    }

    [Fact]
    public void No_key_gets_out_by_accident()
    {
        var options = new GossipOptions { EncryptionKeys = { SealBench.Key } };
        var node = GossipNode.Create(options);
        var ring = node.Keys.Ring;
        string?[] texts = [options.ToString(), JsonSerializer.Serialize(node.Keys), JsonSerializer.Serialize(options.EncryptionKeys.Count), node.Keys.ToString(), ring.ToString(), ring.Primary!.ToString()];
        Assert.All(texts, text => Assert.DoesNotContain(SealBench.Key, text, StringComparison.OrdinalIgnoreCase));

        // The serializer of the framework, which structured loggers use.
        var property = typeof(GossipOptions).GetProperty(nameof(GossipOptions.EncryptionKeys))!;
        Assert.NotEmpty(property.GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonIgnoreAttribute), false));
    }
}

using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Metadata;

public class MetadataMapTests
{
    private static MetadataMap Map()
    {
        var set = new FactSet(FactLimits.Default);
        set.Set(FactKind.Metadata, "b", 8, 1 << HybridTimestamp.CounterBits);
        set.Set(FactKind.Metadata, "a", "12", 2 << HybridTimestamp.CounterBits);
        set.Set(FactKind.Metadata, "Z", true, 3 << HybridTimestamp.CounterBits);
        set.Set(FactKind.Tag, "tag", true, 4 << HybridTimestamp.CounterBits);
        set.Set(FactKind.Metadata, "gone", 1, 5 << HybridTimestamp.CounterBits);
        set.Remove(FactKind.Metadata, "gone", 6 << HybridTimestamp.CounterBits);
        return set.Metadata;
    }

    [Fact]
    public void It_is_a_dictionary_in_ordinal_order()
    {
        var map = Map();
        Assert.Equal(["Z", "a", "b"], map.Keys);
        Assert.Equal([true, "12", 8], map.Values);
        Assert.Equal(["Z=true", "a=12", "b=8"], map.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(3, map.Count);
        Assert.True(map.ContainsKey("a") && !map.ContainsKey("A") && !map.ContainsKey("tag") && !map.ContainsKey("gone"));
        Assert.True(map.TryGetValue("b", out var value) && value == 8);
        Assert.False(map.TryGetValue("c", out value) || value != default);
        Assert.Throws<ArgumentNullException>(() => map.ContainsKey(null!));
    }

    [Fact]
    public void Values_are_read_strictly_or_converted()
    {
        var map = Map();
        Assert.Equal(8, map.Get<int>("b"));
        Assert.True(map.TryGet<byte>("b", out var small) && small == 8);
        Assert.False(map.TryGet<int>("a", out _) || map.TryGet<int>("none", out _));
        Assert.True(map.TryConvert<int>("a", out var twelve) && twelve == 12);
        Assert.False(map.TryConvert<int>("none", out _));
        Assert.Equal(12, map.ConvertOr("a", 1));
        Assert.Equal(1, map.ConvertOr("none", 1));
    }

    [Fact]
    public void What_is_missing_or_of_another_type_is_an_error_that_says_so()
    {
        var map = Map();
        Assert.Throws<MetadataTypeException>(() => map.Get<int>("a"));
        Assert.Equal("none", Assert.Throws<MetadataKeyNotFoundException>(() => map.Get<int>("none")).Key);
        Assert.Throws<MetadataKeyNotFoundException>(() => map["none"]);
    }

    [Fact]
    public void Each_value_has_the_time_of_its_change()
    {
        var map = Map();
        Assert.Equal(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMicroseconds(2), map.GetTimestamp("a")?.Time);
        Assert.Null(map.GetTimestamp("none"));
    }

    [Fact]
    public void No_metadata_is_one_object() => Assert.Same(MetadataMap.Empty, new FactSet(FactLimits.Default).Metadata);
}

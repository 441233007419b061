using Xunit;

namespace Gossip.Tests.Node;

public class NodeIdTests
{
    private const string Digits = "01960f9b72ca7a519efa47c12f42a138";

    [Theory]
    [InlineData(Digits)]
    [InlineData("01960F9B72CA7A519EFA47C12F42A138")]
    [InlineData("01960f9b-72ca-7a51-9efa-47c12f42a138")]
    [InlineData("{01960f9b-72ca-7a51-9efa-47c12f42a138}")]
    public void Digits_and_uuids_mean_the_same(string text) => Assert.Equal(Digits, NodeId.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("01960f9b72ca7a519efa47c12f42a13")]
    [InlineData("01960f9b72ca7a519efa47c12f42a1381")]
    [InlineData("01960f9b72ca7a519efa47c12f42a13g")]
    [InlineData("+1960f9b72ca7a519efa47c12f42a138")]
    [InlineData(" 1960f9b72ca7a519efa47c12f42a138")]
    [InlineData("00000000000000000000000000000000")]
    public void Everything_else_is_refused_with_a_hint(string text)
    {
        Assert.False(NodeId.TryParse(text, null, out var id));
        Assert.True(id.IsNone);
        Assert.Contains("32 hexadecimal digits", Assert.Throws<FormatException>(() => NodeId.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_bytes_and_order_agree()
    {
        var id = NodeId.Parse(Digits);
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.Write(bytes);
        Span<char> text = stackalloc char[2 * NodeId.Size];

        Assert.Equal(Digits, Convert.ToHexStringLower(bytes));
        Assert.Equal(id, NodeId.Read(bytes));
        Assert.True(id.TryFormat(text, out var written, default, null));
        Assert.Equal(Digits, text[..written].ToString());
        Assert.Equal("01960f9b", id.Prefix);
        Assert.False(id.TryFormat(text[1..], out _, default, null));
        Assert.True(id > NodeId.Parse("00ffffffffffffffffffffffffffffff"));
        Assert.True(id < NodeId.Parse("01960f9b72ca7a519efa47c12f42a139"));
    }

    [Fact]
    public void The_derived_identity_is_pinned_because_a_restart_must_find_it_again() =>
        Assert.Equal("470b532ab4a2e9ca9bda3513068c26f6", NodeId.Derive("default", "127.0.0.1:11511").ToString());

    [Fact]
    public void Other_clusters_and_addresses_derive_other_identities()
    {
        var id = NodeId.Derive("a", "b:1");

        Assert.Equal(id, NodeId.Derive("a", "b:1"));
        Assert.NotEqual(id, NodeId.Derive("a", "b:2"));
        Assert.NotEqual(id, NodeId.Derive("ab", ":1"));
        Assert.Throws<ArgumentException>(() => NodeId.Derive("", "b:1"));
        Assert.Throws<ArgumentException>(() => NodeId.Derive("a", ""));
    }

    [Fact]
    public void An_instance_prints_its_prefix_and_generation() =>
        Assert.Equal("01960f9b@1a2b", new NodeInstance(NodeId.Parse(Digits), 0x1a2b).ToString());
}

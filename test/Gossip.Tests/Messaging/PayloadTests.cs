using System.Text;
using System.Text.Json;
using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

public class PayloadTests
{
    private sealed record Loop
    {
        public Loop Self => this;
    }

    [Fact]
    public void Each_kind_reads_back_as_itself_and_as_nothing_else()
    {
        var bytes = MessagePayload.FromBytes(new byte[] { 1, 2 });
        var text = MessagePayload.FromText("grüß");
        var json = MessagePayload.FromJson(JsonElement.Parse("""{"a":1}"""));
        Assert.Equal([1, 2], bytes.ReadBytes().ToArray());
        Assert.Equal("grüß", text.ReadText());
        Assert.Equal(1, json.ReadJson().GetProperty("a").GetInt32());
        Assert.Throws<PayloadException>(() => bytes.ReadText());
        Assert.Throws<PayloadException>(() => text.ReadJson());
        Assert.Throws<PayloadException>(() => json.ReadBytes());
        Assert.Empty(default(MessagePayload).ReadBytes().ToArray());
    }

    [Fact]
    public void Broken_content_is_a_typed_error()
    {
        Assert.Throws<PayloadException>(() => new MessagePayload(PayloadKind.Text, new byte[] { 0xff }).ReadText());
        Assert.Throws<PayloadException>(() => new MessagePayload(PayloadKind.Json, "{"u8.ToArray()).ReadJson());
        Assert.Throws<PayloadException>(() => new MessagePayload(PayloadKind.Json, "null"u8.ToArray()).ReadJson(TestJson.Default.Order));
        Assert.Throws<PayloadException>(() => new MessagePayload(PayloadKind.Json, "[1]"u8.ToArray()).ReadJson(TestJson.Default.Order));
        Assert.Throws<PayloadException>(() => MessagePayload.FromText("\ud800"));
        Assert.Throws<PayloadException>(() => MessagePayload.FromJson(default));
    }

    [Fact]
    public void Registered_types_round_trip()
    {
        var types = new MessageTypeRegistry();
        types.Register(200, TestJson.Default.Order);
        types.Register<Receipt>(201);
        types.Register<string>(202);
        types.Register<byte[]>(203);
        types.Register<JsonElement>(204);
        types.Register<ReadOnlyMemory<byte>>(205);
        Check(new Order(1, "a"), 200, PayloadKind.MessagePack);
        Check(new Receipt(1, 2), 201, PayloadKind.MessagePack);
        Check("text", 202, PayloadKind.Text);
        Check(new byte[] { 1, 2 }, 203, PayloadKind.Bytes);
        Assert.Equal(3, types.Decode<JsonElement>(types.Encode(JsonElement.Parse("3")).Payload).GetInt32());
        Assert.Equal([4], types.Decode<ReadOnlyMemory<byte>>(types.Encode<ReadOnlyMemory<byte>>(new byte[] { 4 }).Payload).ToArray());
        Assert.Throws<ArgumentNullException>(() => types.Encode<string>(null!));

        void Check<T>(T value, int number, PayloadKind kind)
        {
            var (actual, payload) = types.Encode(value);
            Assert.Equal(number, actual);
            Assert.Equal(kind, payload.Kind);
            Assert.Equal(value, types.Decode<T>(payload));
        }
    }

    [Fact]
    public void Registration_errors_say_what_to_change()
    {
        var types = new MessageTypeRegistry();
        types.Register(200, TestJson.Default.Order);
        Assert.Contains("another number", Assert.Throws<MessageTypeException>(() => types.Register(200, TestJson.Default.Receipt)).Message);
        Assert.Contains("once", Assert.Throws<MessageTypeException>(() => types.Register(201, TestJson.Default.Order)).Message);
        Assert.Contains("is not registered", Assert.Throws<MessageTypeException>(() => types.Encode(new Receipt(1, 1))).Message);
        foreach (var number in new[] { -1, 0, 63, 65536 })
        {
            Assert.Contains("128", Assert.Throws<MessageTypeException>(() => types.Register(number, TestJson.Default.Receipt)).Message);
        }

        types.Register<Loop>(210);
        Assert.Throws<PayloadException>(() => types.Encode(new Loop()));
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("aaaaaaaaaa€", "aaaaaaaaaa")]
    [InlineData("aaaaaaaa😀", "aaaaaaaa😀")]
    [InlineData("aaaaaaaaa😀", "aaaaaaaaa")]
    public void Error_text_is_cut_at_a_whole_character(string text, string expected)
    {
        Assert.Equal(expected, MessageLimits.Cut(text, 12));
        Assert.True(Encoding.UTF8.GetByteCount(expected) <= 12);
    }
}

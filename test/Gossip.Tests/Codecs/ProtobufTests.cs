using Google.Protobuf.WellKnownTypes;
using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Codecs;

public sealed class ProtobufTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_and_replies_travel_as_protocol_buffers()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        foreach (var node in cluster.Nodes)
        {
            node.Types.RegisterProtobuf<Struct>(210);
            node.Types.RegisterProtobuf<StringValue>(211);
        }

        PayloadKind? kind = null;
        using var handler = b.Messages.HandleRequest<Struct, StringValue>((question, context, _) =>
        {
            kind = context.Payload.Kind;
            return new(new StringValue { Value = question.Fields["name"].StringValue });
        });
        var reply = await cluster.Run(a.Messages.RequestAsync<Struct, StringValue>(b.Id, Sample(), cancellationToken: Token));
        Assert.Equal("tea", reply.Value);
        Assert.Equal(PayloadKind.Protobuf, kind);
    }

    [Fact]
    public void What_does_not_fit_is_a_typed_error()
    {
        var payload = MessagePayload.From(Sample(), ProtobufCodec.Default);
        Assert.Contains("RegisterProtobuf", Assert.Throws<PayloadException>(() => payload.Read<Any>(ProtobufCodec.Default)).Message, StringComparison.Ordinal);
        ProtobufCodec.Default.Add<Struct>();
        Assert.Equal(Sample(), payload.Read<Struct>(ProtobufCodec.Default));
        Assert.Throws<PayloadException>(() => ProtobufCodec.Default.Decode<Struct>(new byte[] { 0x0a, 0x7f }, contract: null));
        Assert.Contains("another codec", Assert.Throws<PayloadException>(() => MessagePayload.From("text", ProtobufCodec.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_the_codec_says_which_one_it_lacks()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        a.Types.RegisterProtobuf<Struct>(210);
        using var handler = b.Messages.Handle(210, (_, _) => default);
        var result = await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Sample(), cancellationToken: Token).AsTask());
        Assert.StartsWith("unknown codec 5:", Assert.Single(result.Targets).Error, StringComparison.Ordinal);
    }

    internal static Struct Sample() => new()
    {
        Fields =
        {
            ["name"] = Value.ForString("tea"),
            ["list"] = Value.ForList(Value.ForNumber(1), Value.ForBool(true), Value.ForNull()),
        },
    };
}

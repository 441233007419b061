using System.Buffers;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Tests.Codecs;

/// <summary>A codec as an application may have one: versions as text.</summary>
internal sealed class TextCodec(PayloadKind kind = (PayloadKind)64) : IMessageCodec
{
    public PayloadKind Kind => kind;

    public string Name => "text of versions";

    public void Encode<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T>? contract) => output.Write(Encoding.UTF8.GetBytes($"{value}"));

    public T Decode<T>(ReadOnlyMemory<byte> encoded, JsonTypeInfo<T>? contract) => (T)(object)Version.Parse(Encoding.UTF8.GetString(encoded.Span));
}

using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Payloads as they are on their way.</summary>
internal static class TestCompression
{
    private const int Least = 64;

    public static MessagePayload Brotli(MessagePayload payload)
    {
        var options = new MessagingOptions { CompressAbove = Least };
        options.Compressors.Add(BrotliCompressor.Default);
        var compressed = new PayloadCompression(options).CompressForAll(payload);
        Assert.NotEqual(PayloadCompression.None, compressed.Compression);
        return compressed;
    }
}

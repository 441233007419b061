using System.Buffers;
using Gossip.Codecs;

namespace Gossip.Tests.Codecs;

/// <summary>Short ways between values and bytes, for tests.</summary>
internal static class MessagePackBytes
{
    public static byte[] Write<T>(ScalarWriter<T> write, T value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads one value, of which nothing may be left.</summary>
    public static T Read<T>(ReadOnlySpan<byte> bytes, ScalarReader<T> read)
    {
        var reader = new MessagePackReader(bytes);
        var value = read(ref reader);
        return reader.End ? value : throw new InvalidOperationException($"{bytes.Length - reader.Position} bytes are left.");
    }

    public static int Skip(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        reader.Skip();
        return reader.Position;
    }
}

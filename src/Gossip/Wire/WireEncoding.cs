namespace Gossip.Wire;

internal delegate void WireBody<in T>(ref WireWriter writer, T item);

/// <summary>Encodes what may be of any size: tries a buffer, and a larger one while it does not fit.</summary>
internal static class WireEncoding
{
    private const int FirstSize = 256;
    private const int Growth = 2;

    public static byte[] Encode<T>(T item, WireBody<T> write, int sizeHint = FirstSize)
    {
        for (var size = sizeHint; ; size = checked(size * Growth))
        {
            var buffer = new byte[size];
            var writer = new WireWriter(buffer);
            write(ref writer, item);
            if (!writer.Overflowed)
            {
                return writer.Position == size ? buffer : buffer[..writer.Position];
            }
        }
    }
}

using System.Text;

namespace Gossip.Discovery.Dns;

/// <summary>Domain names on the wire (RFC 1035 §3.1 and §4.1.4), and as text: lower case, without the last dot, the root is empty.</summary>
internal static class DnsName
{
    /// <summary>RFC 1035 §2.3.4: a name with its lengths, and one label of it.</summary>
    public const int MaxSize = 255;
    private const int MaxLabelSize = 63;

    private const byte PointerBits = 0b1100_0000;
    private const int PointerSize = 2;

    /// <summary>The name as it is compared.</summary>
    public static string Normalize(string name) => (name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();

    /// <summary>Writes a normalized name; false when it is none.</summary>
    public static bool TryWrite(string name, Span<byte> destination, out int written)
    {
        written = 0;
        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan()[range];
            if (name.Length == 0)
            {
                break;
            }

            if (label.Length is 0 or > MaxLabelSize || written + 1 + label.Length + 1 > Math.Min(MaxSize, destination.Length) || !Ascii.IsValid(label))
            {
                return false;
            }

            destination[written++] = (byte)label.Length;
            written += Encoding.ASCII.GetBytes(label, destination[written..]);
        }

        if (written >= destination.Length)
        {
            return false;
        }

        destination[written++] = 0;
        return true;
    }

    /// <summary>
    /// Reads the name at a position and moves behind it. A pointer must lead to before everything that was read so far, so no walk is endless. A name that no host or service can have
    /// (with a space, say) is well-formed, and null.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, out string? name)
    {
        name = null;
        Span<char> text = stackalloc char[MaxSize];
        var length = 0;
        var usable = true;
        var (at, start, end) = (position, position, -1);
        while (true)
        {
            if (at >= message.Length)
            {
                return false;
            }

            var size = message[at];
            if (size == 0)
            {
                position = end < 0 ? at + 1 : end;
                name = !usable ? null : length == 0 ? "" : new string(text[..(length - 1)]);
                return true;
            }

            if ((size & PointerBits) == PointerBits)
            {
                if (at + PointerSize > message.Length)
                {
                    return false;
                }

                var target = ((size & ~PointerBits) << 8) | message[at + 1];
                if (target >= start)
                {
                    return false;
                }

                end = end < 0 ? at + PointerSize : end;
                start = at = target;
                continue;
            }

            // One byte of the name's size is the root's.
            if ((size & PointerBits) != 0 || at + 1 + size > message.Length || length + size + 1 > MaxSize - 1)
            {
                return false;
            }

            foreach (var c in message.Slice(at + 1, size))
            {
                usable &= char.IsAsciiLetterOrDigit((char)c) || c is (byte)'-' or (byte)'_';
                text[length++] = char.ToLowerInvariant((char)c);
            }

            text[length++] = '.';
            at += 1 + size;
        }
    }
}

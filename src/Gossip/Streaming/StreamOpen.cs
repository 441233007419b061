using Gossip.Messaging;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>The question whether a node takes a stream. Reading it allocates nothing; headers are decoded only for one that is taken.</summary>
internal ref struct StreamOpen
{
    // 1-3 are the address.
    private const int TypeField = 4;
    private const int WindowField = 5;
    private const int CompressionField = 6;
    private const int HeaderField = 7;

    private ReadOnlySpan<byte> _source;
    private DeliveryAddress _address;
    private int _type;
    private int _window;
    private int _compression;
    private int _headerCount;

    /// <summary>The life that is asked, and the number of the stream.</summary>
    public readonly DeliveryAddress Address => _address;

    public readonly int Type => _type;

    /// <summary>How many bytes the opener takes before it grants more.</summary>
    public readonly int Window => _window;

    public readonly int Compression => _compression;

    public static bool TryRead(ReadOnlySpan<byte> source, out StreamOpen open)
    {
        open = default;
        open._source = source;
        var headerBytes = 0;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            if (open._address.TryTake(ref reader))
            {
                continue;
            }

            switch (reader.Field)
            {
                case TypeField:
                    reader.Read(ref open._type);
                    break;
                case WindowField:
                    reader.Read(ref open._window);
                    break;
                case CompressionField:
                    reader.Read(ref open._compression);
                    break;
                case HeaderField:
                    open._headerCount++;
                    if (!MessageHeader.TryRead(reader.Bytes, out var key, out var value))
                    {
                        return false;
                    }

                    headerBytes += key.Length + value.Length;
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed
            && open._address.Sequence != 0
            && open._type <= MessageTypeNumber.Max
            && open._headerCount <= MessageLimits.MaxHeaders
            && headerBytes <= MessageLimits.MaxHeaderBytes;
    }

    public readonly IReadOnlyDictionary<string, string> ReadHeaders()
    {
        if (_headerCount == 0)
        {
            return MessageLimits.EmptyHeaders;
        }

        var headers = new Dictionary<string, string>(_headerCount, StringComparer.Ordinal);
        var reader = new WireReader(_source);
        while (reader.Next())
        {
            if (reader.Field == HeaderField && MessageHeader.TryRead(reader.Bytes, out var key, out var value))
            {
                headers[System.Text.Encoding.UTF8.GetString(key)] = System.Text.Encoding.UTF8.GetString(value);
            }
        }

        return headers;
    }

    public static void Write(
        ref WireWriter writer, in DeliveryAddress address, int type, int window, int compression, IReadOnlyDictionary<string, string>? headers)
    {
        address.Write(ref writer);
        writer.Number(TypeField, type);
        writer.Number(WindowField, window);
        writer.Number(CompressionField, compression);
        foreach (var (key, value) in headers ?? MessageLimits.EmptyHeaders)
        {
            MessageHeader.Write(ref writer, HeaderField, key, value);
        }
    }
}

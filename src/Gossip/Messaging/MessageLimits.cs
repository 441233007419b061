using System.Text;

namespace Gossip.Messaging;

/// <summary>The bounds of a message, checked before anything is sent and again before anything received is kept.</summary>
internal static class MessageLimits
{
    public const int MaxFrameSize = 4 << 20;

    /// <summary>Room in a frame for the packet header, the fields of an envelope or reply, the headers and a seal.</summary>
    public const int FrameOverhead = 8 << 10;

    public const int MaxPayloadSize = MaxFrameSize - FrameOverhead;
    public const int MaxHeaders = 32;
    public const int MaxHeaderBytes = 4 << 10;
    public const int MaxErrorBytes = 2 << 10;
    public const int MaxErrorTypeBytes = 256;

    public const int MinDefaultConcurrency = 8;
    public const int DefaultQueue = 1024;
    public const long DefaultHandlerBytes = 64L << 20;
    public const int DefaultMaxMessage = 32 << 20;
    public const int MaxMaxMessage = 1 << 30;
    public const int DefaultPending = 65536;
    public const int DefaultBroadcastSeconds = 30;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>Less than some rounds of gossip repairs nothing.</summary>
    public static readonly TimeSpan MinBroadcastWindow = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxBroadcastWindow = TimeSpan.FromMinutes(10);

    public static void Check(in MessagePayload payload, IReadOnlyDictionary<string, string>? headers, TimeSpan timeout, int? maxSize = null)
    {
        CheckPayload(payload, maxSize);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, MaxTimeout);
        if (headers is null)
        {
            return;
        }

        if (headers.Count > MaxHeaders)
        {
            throw new MessageTooLargeException($"The message has {headers.Count} headers: send at most {MaxHeaders}.");
        }

        if (HeaderBytes(headers) is > MaxHeaderBytes and var size)
        {
            throw new MessageTooLargeException($"The headers take {size} bytes: send at most {MaxHeaderBytes}, and put the rest into the payload.");
        }
    }

    /// <summary>What is reliable may be as large as <paramref name="maxSize"/>; anything else travels in one frame.</summary>
    public static void CheckPayload(in MessagePayload payload, int? maxSize = null)
    {
        if (payload.Size > (maxSize ?? MaxPayloadSize))
        {
            throw new MessageTooLargeException(maxSize is null
                ? $"The payload has {payload.Size} bytes: at most {MaxPayloadSize} travel like this. Send it reliably to members, or as a request, or use a stream."
                : $"The payload has {payload.Size} bytes, and MessagingOptions.MaxMessageBytes allows {maxSize}: raise it on all nodes, or use a stream.");
        }
    }

    public static int HeaderBytes(IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is null)
        {
            return 0;
        }

        var size = 0L;
        foreach (var (key, value) in headers)
        {
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        return (int)Math.Min(size, int.MaxValue);
    }

    public static IReadOnlyDictionary<string, string> EmptyHeaders { get; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Cuts text at a whole character so that it takes at most <paramref name="maxBytes"/> in UTF-8.</summary>
    public static string Cut(string text, int maxBytes)
    {
        if (text.Length <= maxBytes / 3) // a UTF-16 unit takes at most three bytes
        {
            return text;
        }

        var size = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            size += rune.Utf8SequenceLength;
            if (size > maxBytes)
            {
                return text[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return text;
    }
}

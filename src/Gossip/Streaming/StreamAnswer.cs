using Gossip.Messaging;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>What a node says to a stream that was opened to it. The numbers are used on the wire.</summary>
internal enum StreamVerdict
{
    Accepted = 1,
    NoHandler = 2,
    Refused = 4,
}

/// <summary>Whether a node takes a stream, and if not, why.</summary>
internal ref struct StreamAnswer
{
    // 1-3 are the address.
    private const int VerdictField = 4;
    private const int WindowField = 5;
    private const int ReasonField = 6;

    private DeliveryAddress _address;
    private int _verdict;
    private int _window;
    private ReadOnlySpan<byte> _reason;

    /// <summary>The life that asked, and the number of the stream.</summary>
    public readonly DeliveryAddress Address => _address;

    public readonly StreamVerdict Verdict => (StreamVerdict)_verdict;

    /// <summary>How many bytes the acceptor takes before it grants more.</summary>
    public readonly int Window => _window;

    public readonly string Reason => System.Text.Encoding.UTF8.GetString(_reason);

    public static bool TryRead(ReadOnlySpan<byte> source, out StreamAnswer answer)
    {
        answer = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            if (answer._address.TryTake(ref reader))
            {
                continue;
            }

            switch (reader.Field)
            {
                case VerdictField:
                    reader.Read(ref answer._verdict);
                    break;
                case WindowField:
                    reader.Read(ref answer._window);
                    break;
                case ReasonField when reader.Type == WireType.Bytes:
                    answer._reason = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed
            && answer._address.Sequence != 0
            && (StreamVerdict)answer._verdict is StreamVerdict.Accepted or StreamVerdict.NoHandler or StreamVerdict.Refused
            && answer._reason.Length <= MessageLimits.MaxErrorBytes;
    }

    public static void Write(ref WireWriter writer, in DeliveryAddress address, StreamVerdict verdict, int window, string? reason)
    {
        address.Write(ref writer);
        writer.Number(VerdictField, (int)verdict);
        writer.Number(WindowField, window);
        if (reason is not null)
        {
            writer.Text(ReasonField, reason);
        }
    }
}

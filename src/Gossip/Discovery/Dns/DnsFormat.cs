using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gossip.Discovery.Dns;

/// <summary>Questions and answers on the wire (RFC 1035 §4). What is read comes from strangers: it is refused as a whole when any length does not fit.</summary>
internal static class DnsFormat
{
    public const int MaxQuerySize = HeaderSize + DnsName.MaxSize + QuestionTailSize;

    /// <summary>More records than any answer that this library asks for makes sense with.</summary>
    private const int MaxRecords = 2048;

    private const int HeaderSize = 12;
    private const int QuestionTailSize = 4;
    private const int RecordTailSize = 10;
    private const int ServiceSize = 6;
    private const int SoaNumbersSize = 20;
    private const ushort ClassInternet = 1;
    private const ushort FlagResponse = 0x8000;
    private const ushort FlagTruncated = 0x0200;
    private const ushort FlagRecursionDesired = 0x0100;
    private const ushort MaskOpcode = 0x7800;
    private const ushort MaskCode = 0x000F;

    /// <summary>Writes a question; false when its name is none.</summary>
    public static bool TryWriteQuery(ushort id, in DnsQuestion question, Span<byte> destination, out int written)
    {
        written = 0;
        destination[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], FlagRecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 1);
        if (!DnsName.TryWrite(question.Name, destination[HeaderSize..^QuestionTailSize], out var size))
        {
            return false;
        }

        var tail = destination[(HeaderSize + size)..];
        BinaryPrimitives.WriteUInt16BigEndian(tail, (ushort)question.Type);
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], ClassInternet);
        written = HeaderSize + size + QuestionTailSize;
        return true;
    }

    /// <summary>Reads an answer to one question. Of a truncated one nothing behind the question is read.</summary>
    public static bool TryReadResponse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DnsResponse? response)
    {
        response = null;
        if (message.Length < HeaderSize)
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & FlagResponse) == 0 || (flags & MaskOpcode) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
        {
            return false;
        }

        var position = HeaderSize;
        if (!DnsName.TryRead(message, ref position, out var name) || name is null || message.Length - position < QuestionTailSize
            || BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]) != ClassInternet)
        {
            return false;
        }

        var question = new DnsQuestion(name, (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]));
        position += QuestionTailSize;
        var head = new DnsResponse(BinaryPrimitives.ReadUInt16BigEndian(message), question, (DnsCode)(flags & MaskCode), (flags & FlagTruncated) != 0);
        if (head.IsTruncated)
        {
            response = head;
            return true;
        }

        var (answers, authorities, additional) = (BinaryPrimitives.ReadUInt16BigEndian(message[6..]), BinaryPrimitives.ReadUInt16BigEndian(message[8..]), BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        if (answers + authorities + additional > MaxRecords
            || !TryReadRecords(message, ref position, answers, out var answered, out _)
            || !TryReadRecords(message, ref position, authorities, out _, out var negativeTtl)
            || !TryReadRecords(message, ref position, additional, out var told, out _))
        {
            return false;
        }

        response = head with { Answers = answered, Additional = told, NegativeTtl = negativeTtl };
        return true;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> message, ref int position, int count, out List<DnsRecord> records, out uint? negativeTtl)
    {
        records = [];
        negativeTtl = null;
        for (var i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(message, ref position, out var name) || message.Length - position < RecordTailSize)
            {
                return false;
            }

            var tail = message[position..];
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(tail);
            var isInternet = BinaryPrimitives.ReadUInt16BigEndian(tail[2..]) == ClassInternet;
            var ttl = Ttl(tail[4..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            position += RecordTailSize;
            if (message.Length - position < size)
            {
                return false;
            }

            var end = position + size;
            if (!isInternet || name is null)
            {
                position = end; // nothing that was asked for
            }
            else if (type == DnsType.Soa)
            {
                if (!TryReadSoa(message[..end], ref position, ttl, out var minimum))
                {
                    return false;
                }

                negativeTtl = minimum;
            }
            else if (!TryReadData(message[..end], ref position, new DnsRecord(name, type, ttl), out var record))
            {
                return false;
            }
            else if (record is not null)
            {
                records.Add(record);
            }

            if (position != end)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads up to the end of what it is given; the record is null when it says nothing of interest.</summary>
    private static bool TryReadData(ReadOnlySpan<byte> message, ref int position, DnsRecord head, out DnsRecord? record)
    {
        record = null;
        var data = message[position..];
        switch (head.Type)
        {
            case DnsType.A or DnsType.Aaaa:
                if (data.Length != (head.Type == DnsType.A ? 4 : 16))
                {
                    return false;
                }

                record = head with { Address = new IPAddress(data) };
                position = message.Length;
                return true;
            case DnsType.Srv when data.Length < ServiceSize:
                return false;
            case DnsType.Srv or DnsType.Cname:
                position += head.Type == DnsType.Srv ? ServiceSize : 0;
                if (!DnsName.TryRead(message, ref position, out var target))
                {
                    return false;
                }

                record = target is null ? null
                    : head.Type == DnsType.Cname ? head with { Target = target }
                    : head with
                    {
                        Target = target,
                        Service = new DnsService(BinaryPrimitives.ReadUInt16BigEndian(data), BinaryPrimitives.ReadUInt16BigEndian(data[2..]), BinaryPrimitives.ReadUInt16BigEndian(data[4..])),
                    };
                return true;
            default:
                position = message.Length;
                return true;
        }
    }

    private static bool TryReadSoa(ReadOnlySpan<byte> message, ref int position, uint ttl, out uint negativeTtl)
    {
        negativeTtl = 0;
        if (!DnsName.TryRead(message, ref position, out _) || !DnsName.TryRead(message, ref position, out _) || message.Length - position != SoaNumbersSize)
        {
            return false;
        }

        negativeTtl = Math.Min(ttl, Ttl(message[^4..]));
        position = message.Length;
        return true;
    }

    /// <summary>RFC 2181 §8: with the highest bit it is no time, and counts as none.</summary>
    private static uint Ttl(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes) is var ttl && ttl <= int.MaxValue ? ttl : 0;
}

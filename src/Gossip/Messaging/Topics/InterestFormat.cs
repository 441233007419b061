using System.Text;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>A node's interests on the wire, whole; and how far somebody knows them.</summary>
internal static class InterestFormat
{
    private const int VersionField = 1;
    private const int InterestField = 2;
    private const int PatternField = 1;
    private const int GroupField = 2;

    /// <summary>The version, and what a later version of this format may add.</summary>
    private const int MaxSize = TopicLimits.MaxSetBytes + 1024;

    public static ReadOnlyMemory<byte> Encode(ulong version, IReadOnlyCollection<Interest> interests) =>
        WireEncoding.Encode((version, interests), static (ref WireWriter writer, (ulong Version, IReadOnlyCollection<Interest> Interests) set) =>
        {
            writer.Number(VersionField, set.Version);
            foreach (var interest in set.Interests)
            {
                var mark = writer.Begin(InterestField);
                writer.Text(PatternField, interest.Pattern);
                if (interest.Group is not null)
                {
                    writer.Text(GroupField, interest.Group);
                }

                writer.End(mark);
            }
        });

    /// <summary>Encodes only a version: up to which one somebody knows the interests of a node.</summary>
    public static ReadOnlyMemory<byte> EncodeVersion(ulong version) => Encode(version, []);

    /// <summary>Reads any bytes. Bounds are checked before anything is kept of them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong version, out Interest[] interests)
    {
        version = 0;
        interests = [];
        if (source.Length > MaxSize || !TryScan(source, ref version, out var count) || count > TopicLimits.MaxSubscriptions)
        {
            return false;
        }

        var read = new HashSet<Interest>(count);
        var reader = new WireReader(source);
        while (reader.Next())
        {
            if (reader.Field == InterestField)
            {
                if (!TryReadInterest(reader.Bytes, out var interest))
                {
                    return false;
                }

                read.Add(interest);
            }
        }

        interests = [.. read];
        return true;
    }

    private static bool TryScan(ReadOnlySpan<byte> source, ref ulong version, out int count)
    {
        count = 0;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case VersionField:
                    reader.Read(ref version);
                    break;
                case InterestField:
                    count++;
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed;
    }

    private static bool TryReadInterest(ReadOnlySpan<byte> source, out Interest interest)
    {
        var pattern = "";
        string? group = null;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case PatternField:
                    reader.Read(ref pattern, TopicLimits.MaxTopicBytes);
                    break;
                case GroupField when reader.Bytes.Length is > 0 and <= TopicLimits.MaxGroupBytes:
                    group = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case GroupField:
                    interest = default;
                    return false;
                default:
                    break;
            }
        }

        interest = new Interest(pattern, group);
        return !reader.Malformed && TopicSyntax.Flaw(pattern, isPattern: true, out _) is null;
    }
}

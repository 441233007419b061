using System.Collections.Immutable;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>Sessions as bytes: a field for each.</summary>
internal static class SessionFormat
{
    private const int SessionIdField = 1;
    private const int SessionFirstField = 2;
    private const int SessionResultField = 3;
    private const int ResultSequenceField = 1;
    private const int ResultField = 2;

    public static void Write(ref WireWriter writer, int field, Sessions sessions)
    {
        foreach (var (id, session) in sessions.All)
        {
            var mark = writer.Begin(field);
            AgreementFields.Write(ref writer, SessionIdField, id);
            writer.Number(SessionFirstField, session.FirstOutstanding);
            foreach (var (sequence, result) in session.Results)
            {
                var entry = writer.Begin(SessionResultField);
                writer.Number(ResultSequenceField, sequence);
                writer.Bytes(ResultField, result.Span);
                writer.End(entry);
            }

            writer.End(mark);
        }
    }

    /// <summary>Reads the next one, and adds it to those before.</summary>
    public static bool TryReadNext(ReadOnlySpan<byte> bytes, ref Sessions sessions)
    {
        var id = default(NodeInstance);
        ulong first = 0;
        var results = ImmutableSortedDictionary.CreateBuilder<ulong, ReadOnlyMemory<byte>>();
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case SessionIdField:
                    good = AgreementFields.TryReadInstance(reader.Bytes, out id);
                    break;
                case SessionFirstField:
                    reader.Read(ref first);
                    break;
                case SessionResultField:
                    good = TryReadResult(reader.Bytes, results);
                    break;
            }
        }

        sessions = sessions.With(id, new Session(first, results.ToImmutable()));
        return good && !reader.Malformed;
    }

    private static bool TryReadResult(ReadOnlySpan<byte> bytes, ImmutableSortedDictionary<ulong, ReadOnlyMemory<byte>>.Builder results)
    {
        ulong sequence = 0;
        ReadOnlySpan<byte> result = default;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case ResultSequenceField:
                    reader.Read(ref sequence);
                    break;
                case ResultField:
                    reader.Read(ref result);
                    break;
            }
        }

        results[sequence] = result.ToArray();
        return !reader.Malformed;
    }
}

using System.Collections.Immutable;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>Whole values as bytes: for newcomers, for those that missed too much, and for checkpoints.</summary>
internal sealed class ValueFormat(IRegisterFormat states)
{
    private const int LineageField = 1;
    private const int ConfigurationField = 2;
    private const int NextField = 3;
    private const int PositionField = 4;
    private const int SessionField = 5;
    private const int StateField = 6;
    private const int SessionIdField = 1;
    private const int SessionFirstField = 2;
    private const int SessionResultField = 3;
    private const int ResultSequenceField = 1;
    private const int ResultField = 2;
    private const int Overhead = 4096;

    public IRegisterState Empty => states.Empty;

    public static byte[] Encode(RegisterValue value)
    {
        var state = value.State.Save();
        return WireEncoding.Encode((value, state), Write, state.Length + Overhead);
    }

    public bool TryRead(ReadOnlySpan<byte> bytes, out RegisterValue value)
    {
        value = null!;
        var lineage = default(Lineage);
        Configuration? configuration = null, next = null;
        var position = default(Position);
        var sessions = Sessions.None;
        IRegisterState? state = null;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case LineageField:
                    good = AgreementFields.TryReadLineage(reader.Bytes, out lineage);
                    break;
                case ConfigurationField:
                    good = AgreementFields.TryReadConfiguration(reader.Bytes, out configuration);
                    break;
                case NextField:
                    good = AgreementFields.TryReadConfiguration(reader.Bytes, out next);
                    break;
                case PositionField:
                    good = AgreementFields.TryReadPosition(reader.Bytes, out position);
                    break;
                case SessionField:
                    good = TryReadSession(reader.Bytes, ref sessions);
                    break;
                case StateField:
                    good = states.TryRead(reader.Bytes, out state);
                    break;
            }
        }

        if (!good || reader.Malformed || configuration is null || state is null)
        {
            return false;
        }

        value = new RegisterValue { Lineage = lineage, Configuration = configuration, Next = next, Position = position, Sessions = sessions, State = state };
        return true;
    }

    private static void Write(ref WireWriter writer, (RegisterValue Value, ReadOnlyMemory<byte> State) item)
    {
        var value = item.Value;
        if (!value.Lineage.IsNone)
        {
            AgreementFields.Write(ref writer, LineageField, value.Lineage);
        }

        AgreementFields.Write(ref writer, ConfigurationField, value.Configuration);
        if (value.Next is not null)
        {
            AgreementFields.Write(ref writer, NextField, value.Next);
        }

        AgreementFields.Write(ref writer, PositionField, value.Position);
        foreach (var (id, session) in value.Sessions.All)
        {
            var mark = writer.Begin(SessionField);
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

        writer.Bytes(StateField, item.State.Span);
    }

    private static bool TryReadSession(ReadOnlySpan<byte> bytes, ref Sessions sessions)
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

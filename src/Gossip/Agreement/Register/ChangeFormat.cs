using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>Changes as bytes.</summary>
internal static class ChangeFormat
{
    private const int SessionField = 1;
    private const int SequenceField = 2;
    private const int FirstOutstandingField = 3;
    private const int BodyField = 4;

    public static void Write(ref WireWriter writer, int field, Change change)
    {
        var mark = writer.Begin(field);
        AgreementFields.Write(ref writer, SessionField, change.Id.Session);
        writer.Number(SequenceField, change.Id.Sequence);
        writer.Number(FirstOutstandingField, change.FirstOutstanding);
        writer.Bytes(BodyField, change.Body.Span);
        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out Change change)
    {
        var session = default(NodeInstance);
        ulong sequence = 0, first = 0;
        ReadOnlySpan<byte> body = default;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case SessionField:
                    good = AgreementFields.TryReadInstance(reader.Bytes, out session);
                    break;
                case SequenceField:
                    reader.Read(ref sequence);
                    break;
                case FirstOutstandingField:
                    reader.Read(ref first);
                    break;
                case BodyField:
                    reader.Read(ref body);
                    break;
            }
        }

        good &= !reader.Malformed && !session.Id.IsNone && sequence != 0;
        change = new Change(new ChangeId(session, sequence), first, good ? body.ToArray() : default);
        return good;
    }
}

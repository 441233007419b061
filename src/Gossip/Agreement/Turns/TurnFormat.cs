using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>What is said about turns, as bytes.</summary>
internal static class TurnFormat
{
    private const int StepField = 1;
    private const int OwnerField = 2;
    private const int NumberField = 3;

    public static byte[] Encode(TurnMessage message) => WireEncoding.Encode(message, static (ref WireWriter writer, TurnMessage item) =>
    {
        writer.Number(StepField, (int)item.Step);
        AgreementFields.Write(ref writer, OwnerField, item.Turn.Owner);
        writer.Number(NumberField, item.Turn.Number);
    });

    public static bool TryRead(ReadOnlySpan<byte> bytes, out TurnMessage message)
    {
        ulong step = 0, number = 0;
        NodeInstance owner = default;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case StepField:
                    reader.Read(ref step);
                    break;
                case OwnerField:
                    good = AgreementFields.TryReadInstance(reader.Bytes, out owner);
                    break;
                case NumberField:
                    reader.Read(ref number);
                    break;
            }
        }

        message = new TurnMessage((TurnStep)step, new Turn(owner, number));
        return good && !reader.Malformed && step is >= (ulong)TurnStep.Ask and <= (ulong)TurnStep.End;
    }
}

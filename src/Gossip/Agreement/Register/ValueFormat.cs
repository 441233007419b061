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
                    good = SessionFormat.TryReadNext(reader.Bytes, ref sessions);
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
        SessionFormat.Write(ref writer, SessionField, value.Sessions);
        writer.Bytes(StateField, item.State.Span);
    }
}

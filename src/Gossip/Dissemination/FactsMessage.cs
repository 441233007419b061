using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>A member's facts as one <see cref="MessageKind.Facts"/> of a packet.</summary>
internal static class FactsMessage
{
    /// <summary>The bytes by which the length of a message may grow once its body is known.</summary>
    private const int LengthReserve = 4;

    /// <summary>Writes as much of what a reader at <paramref name="since"/> lacks as fits; see <see cref="FactSet.WriteDelta"/>.</summary>
    public static FactsWritten Write(ref WireWriter writer, Member member, ref FactsPosition since)
    {
        if (writer.Remaining < FactsDelta.MaxHeaderSize + (2 * LengthReserve))
        {
            return FactsWritten.Nothing;
        }

        var mark = writer.Begin((int)MessageKind.Facts);
        writer.Hold(LengthReserve);
        var written = member.Facts.WriteDelta(ref writer, member.Instance, ref since);
        writer.Hold(-LengthReserve);
        writer.End(mark);
        return written;
    }
}

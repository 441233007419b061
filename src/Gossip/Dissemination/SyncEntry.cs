using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>What one side of a comparison knows about a member: versions, not contents. Also asks for contents, in a want.</summary>
internal struct SyncEntry
{
    private const int IdField = 1;
    private const int GenerationField = 2;
    private const int IncarnationField = 3;
    private const int StateField = 4;
    private const int FactsVersionField = 5;
    private const int FactsFloorField = 6;

    public NodeInstance Subject;
    public ulong Incarnation;
    public MemberState State;
    public FactsPosition Facts;

    public static SyncEntry Of(Member member) => new()
    {
        Subject = member.Instance,
        Incarnation = member.Incarnation,
        State = member.State,
        Facts = member.Facts.Position,
    };

    public readonly void Write(ref WireWriter writer, int field)
    {
        var mark = writer.Begin(field);
        writer.Id(IdField, Subject.Id);
        writer.Number(GenerationField, Subject.Generation);
        writer.Number(IncarnationField, Incarnation);
        writer.Number(StateField, (int)State);
        if (Facts.Version != 0)
        {
            writer.Fixed64(FactsVersionField, Facts.Version);
        }

        if (Facts.Floor != 0)
        {
            writer.Fixed64(FactsFloorField, Facts.Floor);
        }

        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out SyncEntry entry)
    {
        entry = default;
        NodeId id = default;
        ulong generation = 0, factsVersion = 0, factsFloor = 0;
        var state = 0;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case IdField:
                    reader.Read(ref id);
                    break;
                case GenerationField:
                    reader.Read(ref generation);
                    break;
                case IncarnationField:
                    reader.Read(ref entry.Incarnation);
                    break;
                case StateField:
                    reader.Read(ref state);
                    break;
                case FactsVersionField:
                    reader.Read(ref factsVersion);
                    break;
                case FactsFloorField:
                    reader.Read(ref factsFloor);
                    break;
            }
        }

        entry.Subject = new NodeInstance(id, generation);
        entry.State = (MemberState)state;
        entry.Facts = new FactsPosition(factsVersion, factsFloor);
        return !reader.Malformed && !id.IsNone;
    }

    /// <summary>Whether this side's statement about the member would win over the other's.</summary>
    public readonly bool StateOutranks(in SyncEntry other)
    {
        var comparison = Subject.Generation.CompareTo(other.Subject.Generation);
        if (comparison == 0)
        {
            comparison = Incarnation.CompareTo(other.Incarnation);
        }

        return comparison != 0 ? comparison > 0 : ViewDigest.Rank(State) > ViewDigest.Rank(other.State);
    }

    public readonly bool FactsOutrank(in SyncEntry other) =>
        Subject.Generation == other.Subject.Generation
            ? Facts.Version > other.Facts.Version
            : Subject.Generation > other.Subject.Generation && Facts.Version != 0;
}

using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>Properties of a member that travel with every statement about it.</summary>
[Flags]
internal enum MemberTraits
{
    None = 0,

    /// <summary>The member has no datagram link; everything to it goes on streams.</summary>
    StreamOnly = 1,

    /// <summary>An operator asked the cluster to forget the member; views leave it out.</summary>
    Forgotten = 2,

    /// <summary>Who speaks so of itself is no member and wants to be none: it is let in to ask, and nobody is told of it.</summary>
    Client = 4,
}

/// <summary>
/// What somebody says about a member: one <see cref="MessageKind.Member"/> on the wire. Of two statements about one member
/// the one with the higher (generation, incarnation, rank of state) wins, so all nodes end with the same one in whatever order they hear them.
/// </summary>
internal struct MemberStatement
{
    /// <summary>
    /// Higher numbers are not believed, so that nobody can be brought to the end of his numbers with one statement. Generations are
    /// microseconds, which reach this in some 36 000 years; incarnations begin at zero in each life.
    /// </summary>
    public const ulong MaxGeneration = 1UL << 60;

    /// <inheritdoc cref="MaxGeneration"/>
    public const ulong MaxIncarnation = 1UL << 62;

    private const int IdField = 1;
    private const int GenerationField = 2;
    private const int IncarnationField = 3;
    private const int StateField = 4;
    private const int EndpointField = 5;
    private const int TraitsField = 6;
    private const int AccuserField = 7;
    private const int FactsVersionField = 8;
    private const int HistoryField = 9;
    private const int AgeField = 10;
    private const int MinVersionField = 11;
    private const int MaxVersionField = 12;
    private const int FeaturesField = 13;

    public NodeInstance Subject;
    public ulong Incarnation;
    public MemberState State;
    public NodeEndpoint Endpoint;
    public MemberTraits Traits;

    /// <summary>Who suspects, or who declared the death; none when the subject speaks about itself.</summary>
    public NodeId Accuser;

    /// <summary>Up to which stamp the speaker knows the subject's facts; a hearer that knows less asks for them.</summary>
    public ulong FactsVersion;

    /// <summary>True when this is a transfer of what was known before, not news. Old deaths are doubted: see <see cref="MembershipRules"/>.</summary>
    public bool History;

    /// <summary>For the dead and the gone: for how many seconds they have been so, that they are forgotten everywhere at one time.</summary>
    public ulong AgeSeconds;

    /// <summary>What the subject reads; the first version, when it says nothing.</summary>
    public ProtocolVersions Versions
    {
        readonly get => _versions == default ? ProtocolVersions.First : _versions;
        set => _versions = value;
    }

    public NodeFeatures Features;

    private ProtocolVersions _versions;

    /// <summary>Such a statement is heard from the client itself when it asks to be let in, and from nobody else.</summary>
    public readonly bool IsOfClient => (Traits & MemberTraits.Client) != MemberTraits.None;

    public readonly void Write(ref WireWriter writer)
    {
        var mark = writer.Begin((int)MessageKind.Member);
        WriteFields(ref writer);
        writer.End(mark);
    }

    public readonly void WriteFields(ref WireWriter writer)
    {
        writer.Id(IdField, Subject.Id);
        writer.Number(GenerationField, Subject.Generation);
        writer.Number(IncarnationField, Incarnation);
        writer.Number(StateField, (int)State);
        if (!IsOfClient)
        {
            writer.Endpoint(EndpointField, Endpoint); // a client has none
        }

        writer.Number(TraitsField, (int)Traits);
        if (!Accuser.IsNone)
        {
            writer.Id(AccuserField, Accuser);
        }

        if (FactsVersion != 0)
        {
            writer.Fixed64(FactsVersionField, FactsVersion);
        }

        writer.Flag(HistoryField, History);
        writer.Number(AgeField, AgeSeconds);
        if (Versions != ProtocolVersions.First)
        {
            writer.Number(MinVersionField, Versions.Min);
            writer.Number(MaxVersionField, Versions.Max);
        }

        writer.Number(FeaturesField, (ulong)Features);
    }

    /// <summary>Reads whom a statement is about, if that comes first, as every node writes it.</summary>
    public static bool TryReadSubject(ReadOnlySpan<byte> body, out NodeId subject)
    {
        const int Start = 2; // the key and the length
        if (body.Length < Start + NodeId.Size || body[0] != ((IdField << WireWriter.WireTypeBits) | (int)WireType.Bytes) || body[1] != NodeId.Size)
        {
            subject = default;
            return false;
        }

        subject = NodeId.Read(body[Start..]);
        return true;
    }

    /// <summary>Reads a statement; false when it is malformed or says what no node may say.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out MemberStatement statement)
    {
        statement = default;
        NodeId id = default;
        ulong generation = 0;
        int state = 0, traits = 0;
        ulong minVersion = 1, maxVersion = 1, features = 0;
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
                    reader.Read(ref statement.Incarnation);
                    break;
                case StateField:
                    reader.Read(ref state);
                    break;
                case EndpointField:
                    reader.Read(ref statement.Endpoint);
                    break;
                case TraitsField:
                    reader.Read(ref traits);
                    break;
                case AccuserField:
                    reader.Read(ref statement.Accuser);
                    break;
                case FactsVersionField:
                    reader.Read(ref statement.FactsVersion);
                    break;
                case HistoryField:
                    reader.Read(ref statement.History);
                    break;
                case AgeField:
                    reader.Read(ref statement.AgeSeconds);
                    break;
                default:
                    ReadCapability(ref reader, ref minVersion, ref maxVersion, ref features);
                    break;
            }
        }

        statement.Subject = new NodeInstance(id, generation);
        statement.State = (MemberState)state;
        statement.Traits = (MemberTraits)traits;
        statement.Versions = new ProtocolVersions((byte)minVersion, (byte)maxVersion);
        statement.Features = (NodeFeatures)features;
        return !reader.Malformed
            && !id.IsNone
            && (!statement.Endpoint.IsNone || statement.IsOfClient)
            && statement.State is >= MemberState.Alive and <= MemberState.Left
            && statement.Incarnation <= MaxIncarnation
            && generation <= MaxGeneration
            && minVersion <= byte.MaxValue && maxVersion <= byte.MaxValue && statement.Versions.IsValid;
    }

    private static void ReadCapability(ref WireReader reader, ref ulong minVersion, ref ulong maxVersion, ref ulong features)
    {
        switch (reader.Field)
        {
            case MinVersionField:
                reader.Read(ref minVersion);
                break;
            case MaxVersionField:
                reader.Read(ref maxVersion);
                break;
            case FeaturesField:
                reader.Read(ref features);
                break;
        }
    }
}

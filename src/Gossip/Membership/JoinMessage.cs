using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// Both messages of a join have one layout: a token that pairs them, what versions the speaker reads, and its statement about
/// itself; the answer has a status, too.
/// </summary>
internal ref struct JoinMessage
{
    public const int MaxApplicationVersionBytes = 256;

    /// <summary>A packet with one, which has the longest application version and the longest web address: more than the smallest datagram.</summary>
    public const int MaxPacketSize = 1024;

    private const int TokenField = 1;
    private const int MinVersionField = 2;
    private const int MaxVersionField = 3;
    private const int ApplicationVersionField = 4;
    private const int StatementField = 5;
    private const int StatusField = 6;
    private const int GenerationField = 7;

    private ReadOnlySpan<byte> _statement;
    private ulong _token;
    private ulong _minVersion;
    private ulong _maxVersion;
    private ulong _generation;
    private string _applicationVersion;
    private int _status;

    public readonly long Token => (long)_token;

    public readonly string ApplicationVersion => _applicationVersion;

    public readonly JoinStatus Status => (JoinStatus)_status;

    /// <summary>With <see cref="JoinStatus.StaleGeneration"/>: the generation that the cluster remembers.</summary>
    public readonly ulong Generation => _generation;

    /// <summary>What the speaker reads, and all members with it that it knows. Any numbers: a range that no version is in has nothing in common with any other.</summary>
    public readonly ProtocolVersions Versions => new((byte)Math.Min(_minVersion, byte.MaxValue), (byte)Math.Min(_maxVersion, byte.MaxValue));

    public static void Write(
        ref WireWriter writer, MessageKind kind, ulong token, JoinStatus status, ulong generation, ProtocolVersions versions, string applicationVersion, in MemberStatement? self)
    {
        var mark = writer.Begin((int)kind);
        writer.Number(TokenField, token);
        writer.Number(MinVersionField, versions.Min);
        writer.Number(MaxVersionField, versions.Max);
        writer.Number(StatusField, (int)status);
        writer.Number(GenerationField, generation);
        writer.Text(ApplicationVersionField, applicationVersion);
        if (self is { } statement)
        {
            var inner = writer.Begin(StatementField);
            statement.WriteFields(ref writer);
            writer.End(inner);
        }

        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out JoinMessage message)
    {
        message = new JoinMessage { _applicationVersion = "" };
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case TokenField:
                    reader.Read(ref message._token);
                    break;
                case MinVersionField:
                    reader.Read(ref message._minVersion);
                    break;
                case MaxVersionField:
                    reader.Read(ref message._maxVersion);
                    break;
                case ApplicationVersionField:
                    reader.Read(ref message._applicationVersion, MaxApplicationVersionBytes);
                    break;
                case StatementField:
                    message._statement = reader.Bytes;
                    break;
                case StatusField:
                    reader.Read(ref message._status);
                    break;
                case GenerationField:
                    reader.Read(ref message._generation);
                    break;
            }
        }

        return !reader.Malformed;
    }

    /// <summary>What the speaker says about itself; false when it does not, or speaks of somebody else.</summary>
    public readonly bool TryReadStatement(NodeInstance speaker, out MemberStatement statement) =>
        MemberStatement.TryRead(_statement, out statement) && statement.Subject == speaker;
}

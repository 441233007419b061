using System.Diagnostics.CodeAnalysis;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>What acceptors are asked, and answer, as bytes. Whatever cannot be read is refused as a whole.</summary>
internal sealed class AgreementFormat(ValueFormat values)
{
    private const int KindField = 1;
    private const int RegisterField = 2;
    private const int EpochField = 3;
    private const int AcceptorField = 4;
    private const int TagField = 5;
    private const int BallotField = 6;
    private const int OtherBallotField = 7;
    private const int PositionField = 8;
    private const int NewsField = 9;
    private const int ValueField = 10;
    private const int FlagField = 11;
    private const int ConfigurationField = 12;
    private const int OtherAcceptorField = 13;
    private const int HeightField = 14;
    private const int AgeField = 15;
    private const int Overhead = 512;

    private readonly NewsFormat _news = new(values);

    private enum Kind
    {
        None = 0,
        Prepare = 1,
        Accept = 2,
        Query = 3,
        Stage = 4,
        Install = 5,
        Inquiry = 6,
        Promise = 16,
        Accepted = 17,
        Rejected = 18,
        NeedsBase = 19,
        Report = 20,
        Moved = 21,
        Absent = 22,
        Staged = 23,
        Installed = 24,
        Testimony = 25,
    }

    public static byte[] Encode(AcceptorRequest request) => WireEncoding.Encode(request, Write, Overhead + request switch
    {
        Accept accept => NewsFormat.SizeHint(accept.News),
        Stage stage => stage.Value.Encoded.Length,
        Install install => install.Value.Encoded.Length,
        _ => 0,
    });

    public static byte[] Encode(AcceptorReply reply) => WireEncoding.Encode(reply, Write, Overhead + reply switch
    {
        Promise promise => NewsFormat.SizeHint(promise.News),
        Report { News: { } news } => NewsFormat.SizeHint(news),
        Testimony { Value: { } value } => value.Encoded.Length,
        _ => 0,
    });

    public bool TryRead(ReadOnlySpan<byte> bytes, out AcceptorRequest request)
    {
        var good = TryRead(bytes, out Fields fields);
        request = fields.Kind switch
        {
            Kind.Prepare => new Prepare(fields.Ballot, fields.Position),
            Kind.Accept when fields.News is { } news => new Accept(fields.Ballot, fields.OtherBallot, news),
            Kind.Query => new Query(fields.Position, fields.Flag),
            Kind.Stage when fields.Value is { } value => new Stage(fields.Ballot, value),
            Kind.Install when fields.Value is { } value => new Install(fields.Ballot, value),
            Kind.Inquiry => new Inquiry(fields.Flag),
            _ => null!,
        };
        if (!good || request is null)
        {
            return false;
        }

        request = request with { Register = fields.Register, To = fields.Acceptor, Tag = fields.Tag };
        return true;
    }

    public bool TryRead(ReadOnlySpan<byte> bytes, out AcceptorReply reply)
    {
        var good = TryRead(bytes, out Fields fields);
        reply = fields.Kind switch
        {
            Kind.Promise when fields.News is { } news => new Promise(fields.Ballot, fields.OtherBallot, news),
            Kind.Accepted => new Accepted(fields.Ballot),
            Kind.Rejected => new Rejected(fields.Ballot, fields.OtherBallot),
            Kind.NeedsBase => new NeedsBase(fields.Ballot, fields.Position),
            Kind.Report => new Report(fields.Ballot, fields.Position, fields.News),
            Kind.Moved when fields.Configuration is { } configuration => new Moved(fields.Register, configuration),
            Kind.Absent => new Absent(fields.OtherAcceptor, fields.Register, fields.Configuration),
            Kind.Staged => new Staged(fields.Position),
            Kind.Installed => new Installed(fields.Register),
            Kind.Testimony => new Testimony(
                fields.Register, fields.Ballot, fields.Position, (long)fields.Height, TimeSpan.FromTicks((long)fields.Age), fields.Configuration, fields.Value),
            _ => null!,
        };
        if (!good || reply is null)
        {
            return false;
        }

        reply = reply with { From = fields.Acceptor, Tag = fields.Tag };
        return true;
    }

    private static void Write(ref WireWriter writer, AcceptorRequest request)
    {
        writer.Number(KindField, (int)KindOf(request));
        Write(ref writer, request.Register);
        AgreementFields.Write(ref writer, AcceptorField, request.To);
        writer.Number(TagField, request.Tag);
        switch (request)
        {
            case Prepare prepare:
                AgreementFields.Write(ref writer, BallotField, prepare.Ballot);
                AgreementFields.Write(ref writer, PositionField, prepare.Known);
                break;
            case Accept accept:
                AgreementFields.Write(ref writer, BallotField, accept.Ballot);
                AgreementFields.Write(ref writer, OtherBallotField, accept.Next);
                NewsFormat.Write(ref writer, NewsField, accept.News);
                break;
            case Query query:
                AgreementFields.Write(ref writer, PositionField, query.Known);
                writer.Flag(FlagField, query.WantsNews);
                break;
            case Stage stage:
                AgreementFields.Write(ref writer, BallotField, stage.Chosen);
                writer.Bytes(ValueField, stage.Value.Encoded.Span);
                break;
            case Install install:
                AgreementFields.Write(ref writer, BallotField, install.Accepted);
                writer.Bytes(ValueField, install.Value.Encoded.Span);
                break;
            case Inquiry inquiry:
                writer.Flag(FlagField, inquiry.WantsValue);
                break;
        }
    }

    private static void Write(ref WireWriter writer, AcceptorReply reply)
    {
        writer.Number(KindField, (int)KindOf(reply));
        AgreementFields.Write(ref writer, AcceptorField, reply.From);
        writer.Number(TagField, reply.Tag);
        switch (reply)
        {
            case Promise promise:
                AgreementFields.Write(ref writer, BallotField, promise.Ballot);
                AgreementFields.Write(ref writer, OtherBallotField, promise.Accepted);
                NewsFormat.Write(ref writer, NewsField, promise.News);
                break;
            case Accepted accepted:
                AgreementFields.Write(ref writer, BallotField, accepted.Ballot);
                break;
            case Rejected rejected:
                AgreementFields.Write(ref writer, BallotField, rejected.Ballot);
                AgreementFields.Write(ref writer, OtherBallotField, rejected.Promised);
                break;
            case NeedsBase needs:
                AgreementFields.Write(ref writer, BallotField, needs.Ballot);
                AgreementFields.Write(ref writer, PositionField, needs.Held);
                break;
            case Report report:
                AgreementFields.Write(ref writer, BallotField, report.Accepted);
                AgreementFields.Write(ref writer, PositionField, report.Position);
                if (report.News is not null)
                {
                    NewsFormat.Write(ref writer, NewsField, report.News);
                }

                break;
            case Moved moved:
                Write(ref writer, moved.Register);
                AgreementFields.Write(ref writer, ConfigurationField, moved.Configuration);
                break;
            case Absent absent:
                Write(ref writer, absent.Register);
                AgreementFields.Write(ref writer, OtherAcceptorField, absent.To);
                if (absent.Configuration is not null)
                {
                    AgreementFields.Write(ref writer, ConfigurationField, absent.Configuration);
                }

                break;
            case Staged staged:
                AgreementFields.Write(ref writer, PositionField, staged.Position);
                break;
            case Installed installed:
                Write(ref writer, installed.Register);
                break;
            case Testimony testimony:
                Write(ref writer, testimony);
                break;
        }
    }

    private static void Write(ref WireWriter writer, Testimony testimony)
    {
        Write(ref writer, testimony.Register);
        AgreementFields.Write(ref writer, BallotField, testimony.Accepted);
        AgreementFields.Write(ref writer, PositionField, testimony.Position);
        writer.Number(HeightField, (ulong)testimony.Height);
        writer.Number(AgeField, (ulong)testimony.Age.Ticks);
        if (testimony.Configuration is not null)
        {
            AgreementFields.Write(ref writer, ConfigurationField, testimony.Configuration);
        }

        if (testimony.Value is not null)
        {
            writer.Bytes(ValueField, testimony.Value.Encoded.Span);
        }
    }

    private static void Write(ref WireWriter writer, in RegisterId register)
    {
        AgreementFields.Write(ref writer, RegisterField, register.Register);
        writer.Number(EpochField, (ulong)register.Epoch);
    }

    private static Kind KindOf(object message) => message switch
    {
        Prepare => Kind.Prepare,
        Accept => Kind.Accept,
        Query => Kind.Query,
        Stage => Kind.Stage,
        Install => Kind.Install,
        Promise => Kind.Promise,
        Accepted => Kind.Accepted,
        Rejected => Kind.Rejected,
        NeedsBase => Kind.NeedsBase,
        Report => Kind.Report,
        Moved => Kind.Moved,
        Absent => Kind.Absent,
        Staged => Kind.Staged,
        Installed => Kind.Installed,
        Inquiry => Kind.Inquiry,
        Testimony => Kind.Testimony,
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "Not a message of agreement."),
    };

    [SuppressMessage("Design", "MA0051", Justification = "One case for each field, and nothing else.")]
    private bool TryRead(ReadOnlySpan<byte> bytes, out Fields fields)
    {
        fields = default;
        Guid register = default;
        ulong epoch = 0, kind = 0;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case KindField:
                    reader.Read(ref kind);
                    break;
                case RegisterField:
                    good = AgreementFields.TryReadGuid(reader.Bytes, out register);
                    break;
                case EpochField:
                    reader.Read(ref epoch);
                    break;
                case AcceptorField:
                    good = AgreementFields.TryReadAcceptor(reader.Bytes, out fields.Acceptor);
                    break;
                case TagField:
                    reader.Read(ref fields.Tag);
                    break;
                case BallotField:
                    good = AgreementFields.TryReadBallot(reader.Bytes, out fields.Ballot);
                    break;
                case OtherBallotField:
                    good = AgreementFields.TryReadBallot(reader.Bytes, out fields.OtherBallot);
                    break;
                case PositionField:
                    good = AgreementFields.TryReadPosition(reader.Bytes, out fields.Position);
                    break;
                case NewsField:
                    good = _news.TryRead(reader.Bytes, out var news);
                    fields.News = news;
                    break;
                case ValueField:
                    good = values.TryRead(reader.Bytes, out var value);
                    fields.Value = value;
                    break;
                case FlagField:
                    reader.Read(ref fields.Flag);
                    break;
                case ConfigurationField:
                    good = AgreementFields.TryReadConfiguration(reader.Bytes, out var configuration);
                    fields.Configuration = configuration;
                    break;
                case HeightField:
                    reader.Read(ref fields.Height);
                    break;
                case AgeField:
                    reader.Read(ref fields.Age);
                    break;
                case OtherAcceptorField:
                    good = AgreementFields.TryReadAcceptor(reader.Bytes, out fields.OtherAcceptor);
                    break;
            }
        }

        fields.Kind = kind <= (ulong)Kind.Testimony ? (Kind)kind : Kind.None;
        fields.Register = new RegisterId(register, (long)epoch);
        return good && !reader.Malformed && epoch <= long.MaxValue && fields.Height <= long.MaxValue && fields.Age <= long.MaxValue;
    }

    /// <summary>All that any message may hold.</summary>
    private struct Fields
    {
        public Kind Kind;
        public RegisterId Register;
        public AcceptorId Acceptor;
        public AcceptorId OtherAcceptor;
        public ulong Tag;
        public Ballot Ballot;
        public Ballot OtherBallot;
        public Position Position;
        public News? News;
        public RegisterValue? Value;
        public bool Flag;
        public ulong Height;
        public ulong Age;
        public Configuration? Configuration;
    }
}

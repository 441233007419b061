using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>The records of an acceptor as bytes.</summary>
internal sealed class RecordFormat(ValueFormat values)
{
    private const int KindField = 1;
    private const int BallotField = 2;
    private const int NextBallotField = 3;
    private const int NewsField = 4;
    private const int ValueField = 5;
    private const int FoundersField = 6;
    private const int SeatField = 7;
    private const int BeforeField = 8;
    private const int BeforeBallotField = 9;
    private const int LineageField = 10;
    private const int ConfigurationField = 11;
    private const int Overhead = 256;

    private readonly NewsFormat _news = new(values);

    private enum Kind
    {
        None = 0,
        Promise = 1,
        Accept = 2,
        Install = 3,
        Bind = 4,
        Checkpoint = 5,
        Leave = 6,
    }

    public static byte[] Encode(AcceptorRecord record) => WireEncoding.Encode(record, Write, Overhead + record switch
    {
        AcceptRecord accept => NewsFormat.SizeHint(accept.News),
        InstallRecord install => install.Value.Encoded.Length,
        BindRecord bind => bind.Value.Encoded.Length,
        CheckpointRecord checkpoint => (checkpoint.Value?.Encoded.Length ?? 0) + (checkpoint.Before?.Encoded.Length ?? 0),
        _ => 0,
    });

    public bool TryRead(ReadOnlySpan<byte> bytes, out AcceptorRecord record)
    {
        var kind = 0;
        Ballot ballot = default, next = default, beforeBallot = default;
        News? news = null;
        RegisterValue? value = null, before = null;
        Guid founders = default;
        AcceptorId seat = default;
        Lineage lineage = default;
        Configuration? configuration = null;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            if (reader.Field == KindField)
            {
                reader.Read(ref kind);
                continue;
            }

            good = reader.Field switch
            {
                BallotField => AgreementFields.TryReadBallot(reader.Bytes, out ballot),
                NextBallotField => AgreementFields.TryReadBallot(reader.Bytes, out next),
                NewsField => _news.TryRead(reader.Bytes, out news),
                ValueField => values.TryRead(reader.Bytes, out value),
                BeforeField => values.TryRead(reader.Bytes, out before),
                BeforeBallotField => AgreementFields.TryReadBallot(reader.Bytes, out beforeBallot),
                FoundersField => AgreementFields.TryReadGuid(reader.Bytes, out founders),
                SeatField => AgreementFields.TryReadAcceptor(reader.Bytes, out seat),
                LineageField => AgreementFields.TryReadLineage(reader.Bytes, out lineage),
                ConfigurationField => AgreementFields.TryReadConfiguration(reader.Bytes, out configuration),
                _ => true,
            };
        }

        var followed = configuration is null ? null : new LeaveRecord(lineage, configuration);
        record = (Kind)kind switch
        {
            Kind.Promise => new PromiseRecord(ballot),
            Kind.Accept when news is not null => new AcceptRecord(ballot, next, news),
            Kind.Install when value is not null => new InstallRecord(ballot, value),
            Kind.Bind when value is not null => new BindRecord(founders, seat, value),
            Kind.Checkpoint => new CheckpointRecord(founders, seat, ballot, next, value, before, beforeBallot, followed),
            Kind.Leave when followed is not null => followed,
            _ => null!,
        };
        return good && !reader.Malformed && record is not null;
    }

    private static void Write(ref WireWriter writer, AcceptorRecord record)
    {
        writer.Number(KindField, (int)KindOf(record));
        switch (record)
        {
            case PromiseRecord promise:
                AgreementFields.Write(ref writer, BallotField, promise.Ballot);
                break;
            case AcceptRecord accept:
                AgreementFields.Write(ref writer, BallotField, accept.Ballot);
                AgreementFields.Write(ref writer, NextBallotField, accept.Next);
                NewsFormat.Write(ref writer, NewsField, accept.News);
                break;
            case InstallRecord install:
                AgreementFields.Write(ref writer, BallotField, install.Accepted);
                writer.Bytes(ValueField, install.Value.Encoded.Span);
                break;
            case BindRecord bind:
                AgreementFields.Write(ref writer, FoundersField, bind.Founders);
                AgreementFields.Write(ref writer, SeatField, bind.Seat);
                writer.Bytes(ValueField, bind.Value.Encoded.Span);
                break;
            case LeaveRecord leave:
                Write(ref writer, leave);
                break;
            case CheckpointRecord checkpoint:
                AgreementFields.Write(ref writer, FoundersField, checkpoint.Founders);
                AgreementFields.Write(ref writer, SeatField, checkpoint.Seat);
                AgreementFields.Write(ref writer, BallotField, checkpoint.Accepted);
                AgreementFields.Write(ref writer, NextBallotField, checkpoint.Promised);
                if (checkpoint.Value is not null)
                {
                    writer.Bytes(ValueField, checkpoint.Value.Encoded.Span);
                }

                if (checkpoint.Before is not null)
                {
                    writer.Bytes(BeforeField, checkpoint.Before.Encoded.Span);
                    AgreementFields.Write(ref writer, BeforeBallotField, checkpoint.BeforeAccepted);
                }

                if (checkpoint.Followed is not null)
                {
                    Write(ref writer, checkpoint.Followed);
                }

                break;
        }
    }

    private static void Write(ref WireWriter writer, LeaveRecord leave)
    {
        AgreementFields.Write(ref writer, LineageField, leave.Lineage);
        AgreementFields.Write(ref writer, ConfigurationField, leave.Configuration);
    }

    private static Kind KindOf(AcceptorRecord record) => record switch
    {
        PromiseRecord => Kind.Promise,
        AcceptRecord => Kind.Accept,
        InstallRecord => Kind.Install,
        BindRecord => Kind.Bind,
        CheckpointRecord => Kind.Checkpoint,
        LeaveRecord => Kind.Leave,
        _ => throw new ArgumentOutOfRangeException(nameof(record), record, "Not a record of an acceptor."),
    };
}

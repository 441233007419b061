using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>What clients ask proposers, and are answered, as bytes. Whatever cannot be read is refused as a whole.</summary>
internal sealed class ProposalFormat(ValueFormat values)
{
    private const int ChangeField = 1;
    private const int RemainingField = 2;
    private const int InsistField = 3;
    private const int KnownField = 4;

    private const int SessionField = 1;
    private const int SequenceField = 2;
    private const int VerdictField = 3;
    private const int ResultField = 4;
    private const int LeaderField = 5;
    private const int NewsField = 6;
    private const int BallotField = 7;

    private const int Overhead = 256;

    private readonly NewsFormat _news = new(values);

    public static byte[] Encode(Proposal proposal) => WireEncoding.Encode(proposal, Write, Overhead + proposal.Change.Body.Length);

    public static byte[] Encode(ProposalAnswer answer) =>
        WireEncoding.Encode(answer, Write, Overhead + answer.Result.Length + (answer.News is { } news ? NewsFormat.SizeHint(news) : 0));

    public static bool TryRead(ReadOnlySpan<byte> bytes, out Proposal proposal)
    {
        Change? change = null;
        ulong remaining = 0;
        var insist = false;
        var known = Position.Nowhere;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case ChangeField:
                    good = ChangeFormat.TryRead(reader.Bytes, out change);
                    break;
                case RemainingField:
                    reader.Read(ref remaining);
                    break;
                case InsistField:
                    reader.Read(ref insist);
                    break;
                case KnownField:
                    good = AgreementFields.TryReadPosition(reader.Bytes, out known);
                    break;
            }
        }

        good &= !reader.Malformed && change is not null && remaining <= long.MaxValue;
        proposal = good ? new Proposal(change!, new TimeSpan((long)remaining), insist, known) : null!;
        return good;
    }

    public bool TryRead(ReadOnlySpan<byte> bytes, out ProposalAnswer answer)
    {
        NodeInstance session = default, leader = default;
        ulong sequence = 0, verdict = 0;
        ReadOnlySpan<byte> result = default;
        News? news = null;
        var ballot = Ballot.None;
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
                case VerdictField:
                    reader.Read(ref verdict);
                    break;
                case ResultField:
                    reader.Read(ref result);
                    break;
                case LeaderField:
                    good = AgreementFields.TryReadInstance(reader.Bytes, out leader);
                    break;
                case NewsField:
                    good = _news.TryRead(reader.Bytes, out news);
                    break;
                case BallotField:
                    good = AgreementFields.TryReadBallot(reader.Bytes, out ballot);
                    break;
            }
        }

        good &= !reader.Malformed && verdict is >= (ulong)Verdict.Decided and <= (ulong)Verdict.Unfounded;
        answer = good ? new ProposalAnswer(new ChangeId(session, sequence), (Verdict)verdict, result.ToArray(), leader, news, ballot) : null!;
        return good;
    }

    private static void Write(ref WireWriter writer, Proposal proposal)
    {
        ChangeFormat.Write(ref writer, ChangeField, proposal.Change);
        writer.Number(RemainingField, (ulong)proposal.Remaining.Ticks);
        writer.Flag(InsistField, proposal.Insist);
        AgreementFields.Write(ref writer, KnownField, proposal.Known);
    }

    private static void Write(ref WireWriter writer, ProposalAnswer answer)
    {
        AgreementFields.Write(ref writer, SessionField, answer.Id.Session);
        writer.Number(SequenceField, answer.Id.Sequence);
        writer.Number(VerdictField, (int)answer.Verdict);
        writer.Bytes(ResultField, answer.Result.Span);
        AgreementFields.Write(ref writer, LeaderField, answer.Leader);
        if (answer.News is not null)
        {
            NewsFormat.Write(ref writer, NewsField, answer.News);
            AgreementFields.Write(ref writer, BallotField, answer.Ballot);
        }
    }
}

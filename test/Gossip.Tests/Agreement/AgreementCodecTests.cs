using System.Text;
using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>What is written is read back the same, and whatever else arrives is refused without harm.</summary>
public sealed class AgreementCodecTests
{
    private const int Mutations = 3000;

    private static readonly AgreementFormat Format = new(new ValueFormat(TableFormat.Instance));

    private static readonly ProposalFormat Proposals = new(new ValueFormat(TableFormat.Instance));

    private static readonly RegisterValue Value = Build();

    public static TheoryData<int> Requests => [.. Enumerable.Range(0, AllRequests().Count)];

    public static TheoryData<int> Replies => [.. Enumerable.Range(0, AllReplies().Count)];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_survive(int index)
    {
        var bytes = AgreementFormat.Encode(AllRequests()[index]);

        Assert.True(Format.TryRead(bytes, out AcceptorRequest read));
        Assert.Equal(bytes, AgreementFormat.Encode(read));
        Fuzz(bytes, damaged => Format.TryRead(damaged, out AcceptorRequest _));
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void Replies_survive(int index)
    {
        var bytes = AgreementFormat.Encode(AllReplies()[index]);

        Assert.True(Format.TryRead(bytes, out AcceptorReply read));
        Assert.Equal(bytes, AgreementFormat.Encode(read));
        Fuzz(bytes, damaged => Format.TryRead(damaged, out AcceptorReply _));
    }

    [Theory]
    [InlineData("body", true)]
    [InlineData("", false)]
    public void Proposals_survive(string body, bool insist)
    {
        var change = new Change(new ChangeId(AgreementCluster.Life(3), 4), 2, Encoding.ASCII.GetBytes(body));
        var bytes = ProposalFormat.Encode(new Proposal(change, TimeSpan.FromSeconds(3), insist, Value.Position));

        Assert.True(ProposalFormat.TryRead(bytes, out Proposal read));
        Assert.Equal((change.Id, 2UL, TimeSpan.FromSeconds(3), insist, Value.Position), (read.Change.Id, read.Change.FirstOutstanding, read.Remaining, read.Insist, read.Known));
        Assert.Equal(bytes, ProposalFormat.Encode(read));
        Fuzz(bytes, damaged => ProposalFormat.TryRead(damaged, out Proposal _));
    }

    [Fact]
    public void Answers_of_proposers_survive()
    {
        var id = new ChangeId(AgreementCluster.Life(3), 4);
        foreach (var answer in new ProposalAnswer[]
        {
            new(id, Verdict.Decided, "result"u8.ToArray()),
            new(id, Verdict.Decided, News: News.Of(Value), Ballot: new Ballot(3, AgreementCluster.Life(2, 9))),
            new(id, Verdict.NotLeader, Leader: AgreementCluster.Life(5, 6)),
            new(id, Verdict.Unfounded),
        })
        {
            var bytes = ProposalFormat.Encode(answer);
            Assert.True(Proposals.TryRead(bytes, out ProposalAnswer read));
            Assert.Equal((id, answer.Verdict, answer.Leader, answer.News?.After, answer.Ballot), (read.Id, read.Verdict, read.Leader, read.News?.After, read.Ballot));
            Assert.Equal(bytes, ProposalFormat.Encode(read));
            Fuzz(bytes, damaged => Proposals.TryRead(damaged, out ProposalAnswer _));
        }

        Assert.False(Proposals.TryRead([], out ProposalAnswer _)); // no verdict is not a verdict
    }

    [Fact]
    public void Values_batches_and_tables_survive()
    {
        var values = new ValueFormat(TableFormat.Instance);
        Assert.True(values.TryRead(Value.Encoded.Span, out var value));
        Assert.Equal(Value.Encoded.ToArray(), ValueFormat.Encode(value));
        Assert.Equal(Value.Position, value.Position);
        Assert.Equal(((TableState)Value.State).Rows, ((TableState)value.State).Rows);
        Assert.True(BatchFormat.TryRead(ABatch().Encoded.Span, out var batch));
        Assert.Equal(ABatch().Encoded.ToArray(), batch.Encoded.ToArray());
        Fuzz(Value.Encoded.ToArray(), damaged => values.TryRead(damaged, out _));
        Fuzz(ABatch().Encoded.ToArray(), damaged => BatchFormat.TryRead(damaged, out _));
        Assert.True(BatchFormat.TryRead(AnHeirsBatch().Encoded.Span, out var heir));
        Assert.Equal(AnHeirsBatch().Encoded.ToArray(), heir.Encoded.ToArray());
        Assert.Equal(1, heir.Inherited!.Count);
        Fuzz(AnHeirsBatch().Encoded.ToArray(), damaged => BatchFormat.TryRead(damaged, out _));
        Fuzz(Value.State.Save().ToArray(), damaged => TableFormat.Instance.TryRead(damaged, out _));
        foreach (var change in TableStateTests.Changes)
        {
            Assert.True(TableFormat.TryReadChange(TableFormat.Encode(change), out var again));
            Assert.Equal(TableFormat.Encode(change), TableFormat.Encode(again));
            Fuzz(TableFormat.Encode(change), damaged => TableFormat.TryReadChange(damaged, out _));
            Fuzz(TableFormat.Encode(change), damaged => Value.State.Apply(damaged, out _) is not null);
        }

        var result = new TableResult(TableOutcome.Lost, new TableVersion(7, 8));
        Assert.True(TableFormat.TryReadResult(TableFormat.Encode(result), out var other));
        Assert.Equal(result, other);
        Fuzz(TableFormat.Encode(result), damaged => TableFormat.TryReadResult(damaged, out _));
    }

    [Fact]
    public void Records_survive()
    {
        var format = new RecordFormat(new ValueFormat(TableFormat.Instance));
        foreach (var record in AllRecords())
        {
            var bytes = RecordFormat.Encode(record);
            Assert.True(format.TryRead(bytes, out var read));
            Assert.Equal(bytes, RecordFormat.Encode(read));
            Fuzz(bytes, damaged => format.TryRead(damaged, out _));
        }

        var checkpoint = (CheckpointRecord)AllRecords()[^1];
        Assert.True(format.TryRead(RecordFormat.Encode(checkpoint), out var again));
        Assert.Equal((checkpoint.BeforeAccepted, checkpoint.Before!.Position), (((CheckpointRecord)again).BeforeAccepted, ((CheckpointRecord)again).Before!.Position));
        Assert.Equal((checkpoint.Followed!.Lineage, checkpoint.Followed.Configuration), (((CheckpointRecord)again).Followed!.Lineage, ((CheckpointRecord)again).Followed!.Configuration));
    }

    internal static List<AcceptorRecord> AllRecords()
    {
        var ballot = new Ballot(3, AgreementCluster.Life(2, 9));
        var seats = Configuration.Of(0, [AgreementCluster.Id(4), AgreementCluster.Id(5)]);
        var empty = RegisterValue.Unfounded(seats, TableState.Empty);
        var leave = new LeaveRecord(new Lineage(new Guid(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), AgreementCluster.Incarnation, 1), Configuration.Of(4, [AgreementCluster.Id(6)]));
        return
        [
            new PromiseRecord(ballot),
            new AcceptRecord(ballot, ballot with { Round = 4 }, News.Of(Value)),
            new InstallRecord(ballot, Value.Open()),
            new BindRecord(AgreementCluster.Incarnation, AgreementCluster.Id(4), empty),
            new CheckpointRecord(AgreementCluster.Incarnation, AgreementCluster.Id(4), ballot, ballot with { Round = 4 }, Value),
            leave,
            new CheckpointRecord(AgreementCluster.Incarnation, AgreementCluster.Id(4), Ballot.None, Ballot.None, empty, Value, ballot),
            new CheckpointRecord(AgreementCluster.Incarnation, AgreementCluster.Id(4), Ballot.None, Ballot.None, null, Value, ballot, leave),
        ];
    }

    internal static Sessions SessionsWith(Change change, byte[] result, Sessions? before = null)
    {
        Assert.True((before ?? Sessions.None).TryRemember(change, result, out var after));
        return after;
    }

    /// <summary>The first batch of a successor.</summary>
    internal static Batch AnHeirsBatch() => new()
    {
        Founding = new Lineage(AgreementCluster.Incarnation, Guid.AllBitsSet, 3),
        Inherited = SessionsWith(AgreementCluster.Change(9, 4, "won"), "kept"u8.ToArray()),
        Changes = [new Change(new ChangeId(AgreementCluster.Life(3), 4), 2, "body"u8.ToArray())],
    };

    private static Batch ABatch() => new()
    {
        Founding = new Lineage(AgreementCluster.Incarnation, Guid.AllBitsSet, 3),
        Changes = [new Change(new ChangeId(AgreementCluster.Life(3), 4), 2, "body"u8.ToArray())],
        Expired = [AgreementCluster.Life(5), AgreementCluster.Life(6, 7)],
        Seal = [AgreementCluster.Id(1), AgreementCluster.Id(2)],
    };

    private static RegisterValue Build()
    {
        var table = TableState.Empty.Apply(new InsertRow(default, "a", Encoding.UTF8.GetBytes("one"), IsTerminal: true, Floor: 5), out _);
        var value = new RegisterValue
        {
            Lineage = new Lineage(AgreementCluster.Incarnation, Guid.Empty, 0),
            Configuration = Configuration.Of(2, [AgreementCluster.Id(2), AgreementCluster.Id(1)]),
            Position = new Position(4, UInt128.MaxValue - 9),
            Sessions = Sessions.None,
            State = table,
        };
        var insert = TableFormat.Encode(new InsertRow(table.Version, "b", "two"u8.ToArray(), IsTerminal: false, Floor: 0));
        return value.Apply(new Batch { Changes = [new Change(new ChangeId(AgreementCluster.Life(9), 3), 2, insert)], Seal = [AgreementCluster.Id(3)] })!;
    }

    internal static List<AcceptorRequest> AllRequests()
    {
        var ballot = new Ballot(3, AgreementCluster.Life(2, 9));
        return
        [
            .. new AcceptorRequest[]
            {
                new Prepare(ballot, Value.Position),
                new Accept(ballot, ballot with { Round = 4 }, new News(Value.Position, [ABatch()], null, Value.Position)),
                new Accept(ballot, ballot, News.Of(Value)),
                new Query(Value.Position, WantsNews: true),
                new Stage(ballot, Value),
                new Install(ballot, Value.Open()),
                new Inquiry(WantsValue: true),
            }.Select(request => request with { Register = Value.Id(default), To = AgreementCluster.Id(2), Tag = ulong.MaxValue }),
        ];
    }

    internal static List<AcceptorReply> AllReplies()
    {
        var ballot = new Ballot(3, AgreementCluster.Life(2, 9));
        return
        [
            .. new AcceptorReply[]
            {
                new Promise(ballot, Ballot.None, News.Of(Value)),
                new Accepted(ballot),
                new Rejected(ballot, ballot with { Round = 9 }),
                new NeedsBase(ballot, Position.Nowhere),
                new Report(ballot, Value.Position, null),
                new Report(ballot, Value.Position, News.Of(Value)),
                new Moved(Value.Id(default), Value.Next!),
                new Absent(AgreementCluster.Id(4), Value.Id(default), Value.Configuration),
                new Absent(AgreementCluster.Id(4), default, null),
                new Staged(Value.Position),
                new Gossip.Agreement.Installed(Value.Id(default)),
                new Testimony(Value.Id(default), ballot, Value.Position, Height: 1 << 21, TimeSpan.FromSeconds(7), Value.Configuration, Value),
                new Testimony(default, Ballot.None, Position.Nowhere, Height: 0, TimeSpan.Zero, null, null),
            }.Select(reply => reply with { From = AgreementCluster.Id(2), Tag = 1 }),
        ];
    }

    /// <summary>Cuts, flips and inserts; reads must not throw, and a cut never reads as the whole.</summary>
    private static void Fuzz(byte[] bytes, Func<byte[], bool> read)
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            read(bytes[..length]);
        }

        var random = new SeededRandom((ulong)bytes.Length);
        for (var i = 0; i < Mutations; i++)
        {
            var damaged = bytes.ToList();
            for (var hits = 1 + random.Next(3); hits > 0 && damaged.Count > 0; hits--)
            {
                var at = random.Next(damaged.Count);
                switch (random.Next(3))
                {
                    case 0:
                        damaged[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        damaged.Insert(at, (byte)random.Next(256));
                        break;
                    default:
                        damaged.RemoveAt(at);
                        break;
                }
            }

            read([.. damaged]);
        }
    }
}

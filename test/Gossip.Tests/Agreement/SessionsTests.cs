using Gossip.Agreement;
using Gossip.Messaging;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>Results that are kept for clients that may ask again take so many bytes at most; what was promised is kept all the same.</summary>
public sealed class SessionsTests
{
    private const int Large = 4096;
    private const int Nodes = 10_000;
    private readonly AgreementCluster _cluster = new(acceptors: 3, seats: 3);

    [Fact]
    public void A_client_whose_results_take_too_much_is_told_to_wait_and_keeps_them_all()
    {
        var proposer = _cluster.Proposer(10);
        var decided = new List<Change>();
        while (Submit(LargeChange((ulong)decided.Count + 1)) is { Verdict: Verdict.Decided })
        {
            decided.Add(LargeChange((ulong)decided.Count + 1));
            Assert.True(decided.Count <= Sessions.MaxSessionBytes / Large);
        }

        Assert.Equal(Verdict.Busy, Submit(LargeChange((ulong)decided.Count + 1)).Verdict);
        Assert.True(decided.Count >= (Sessions.MaxSessionBytes / Large) - 1);
        var before = _cluster[0].Value!.Position;
        Assert.All(decided, change => Assert.True(change.Body.Span.SequenceEqual(Submit(change).Result.Span)));
        Assert.Equal(before, _cluster[0].Value!.Position);

        // Others are not held up by it, nor is the client once it waits for less.
        Assert.Equal(Verdict.Decided, Submit(AgreementCluster.Change(2, 1, "other")).Verdict);
        Assert.Equal(Verdict.Decided, Submit(LargeChange((ulong)decided.Count + 1, first: 2)).Verdict);

        Settled Submit(Change change) => _cluster.Submit(proposer, change);
    }

    [Fact]
    public void When_all_take_too_much_who_comes_waits_until_others_fell_silent()
    {
        var proposer = _cluster.Proposer(10);
        var client = 0;
        Settled last;
        do
        {
            client++;
            for (ulong sequence = 1; (last = _cluster.Submit(proposer, LargeChange(sequence, client: client))).Verdict == Verdict.Decided && sequence < 8;)
            {
                sequence++;
            }
        }
        while (last.Verdict == Verdict.Decided);

        Assert.Equal(Verdict.Busy, last.Verdict);
        Assert.InRange(_cluster[0].Value!.Sessions.Bytes, Sessions.MaxBytes - (2 * Large), Sessions.MaxBytes);
        Assert.Equal(Verdict.Busy, _cluster.Submit(proposer, LargeChange(1, client: client + 1)).Verdict);
        Assert.Equal(LargeChange(1, client: 1).Body, _cluster.Submit(proposer, LargeChange(1, client: 1)).Result);

        for (var pass = TimeSpan.Zero; pass < 2 * AgreementCluster.Timing.SessionRetention; pass += AgreementCluster.Timing.SessionRetention / 8)
        {
            _cluster.Pass(AgreementCluster.Timing.SessionRetention / 8);
            last = _cluster.Submit(proposer, LargeChange(1, client: client + 1));
        }

        Assert.Equal(Verdict.Decided, last.Verdict);
    }

    [Fact]
    public void In_ordinary_use_there_is_room()
    {
        var value = new RegisterValue
        {
            Lineage = new Lineage(AgreementCluster.Incarnation, Guid.Empty, 0),
            Configuration = Configuration.Of(1, _cluster.Ids),
            Position = Position.Nowhere,
            Sessions = Sessions.None,
            State = new TableState { Version = new TableVersion(int.MaxValue - (2 * Nodes), uint.MaxValue), Rows = TableState.Empty.Rows },
        };
        var evaluation = new Evaluation(value);
        var (number, stamp) = (int.MaxValue - (2 * Nodes), (long)uint.MaxValue);

        // Each of many nodes, with times as generations, and one that waits for as many as one may.
        for (var node = 1; node <= Nodes; node++)
        {
            Assert.Equal(ChangeOutcome.Applied, evaluation.Run(Insert(node, 1), out _));
        }

        for (var sequence = 2; sequence <= Sessions.MaxOutstanding; sequence++)
        {
            Assert.Equal(ChangeOutcome.Applied, evaluation.Run(Insert(1, (ulong)sequence), out _));
        }

        var (_, after) = evaluation.Finish(default, [], []);
        Assert.InRange(after.Encoded.Length - after.State.Save().Length, after.Sessions.Bytes / 2, MessageLimits.MaxPayloadSize - TableLimits.MaxBytes);

        Change Insert(int node, ulong sequence) => new(
            new ChangeId(AgreementCluster.Life(node, (ulong)DateTimeOffset.UnixEpoch.AddYears(56).ToUnixTimeMilliseconds()), sequence),
            1,
            TableFormat.Encode(new InsertRow(new TableVersion(number++, stamp++), $"{node}.{sequence}", new byte[1], IsTerminal: false, Floor: 0)));
    }

    private static Change LargeChange(ulong sequence, ulong first = 1, int client = 1) => AgreementCluster.Change(client, sequence, $"{client}.{sequence}".PadRight(Large), first);
}

using System.Collections.Immutable;
using Gossip.Agreement;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class SeatPolicyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(8, 3)]
    [InlineData(9, 5)]
    [InlineData(1000, 5)]
    public void As_few_vote_as_survive_what_is_likely(int available, int seats) => Assert.Equal(seats, SeatPolicy.SizeFor(available));

    [Theory]
    [InlineData("a", "a b", null)]
    [InlineData("a", "a b c", "a b c")]
    [InlineData("a b c", "a b c d e f g h", null)]
    [InlineData("a b c", "a b c d e f g h i", "a b c d e")]
    public void A_cluster_grows_with_those_who_can_vote(string seats, string candidates, string? expected) =>
        Assert.Equal(expected, Decide(seats, candidates));

    [Theory]
    [InlineData("a b c", "a b d", "c", "a b d")] // replaced
    [InlineData("a b c", "a b", "c", "a")] // two survive no more than one
    [InlineData("a b c", "a b", "", null)] // it may come back
    [InlineData("a b c d e", "a b c d", "e", "a b c")]
    [InlineData("a b c", "a d", "b c", "a")]
    [InlineData("a b c", "a d e", "b c", "a d e")]
    public void A_seat_that_is_vacant_is_given_to_another_or_given_up(string seats, string candidates, string vacant, string? expected) =>
        Assert.Equal(expected, Decide(seats, candidates, vacant));

    [Fact]
    public void Nobody_who_serves_loses_a_seat_to_somebody_better()
    {
        var better = new[] { Candidate('a'), Candidate('b'), Candidate('c'), Candidate('d', founder: true), Candidate('e', founder: true) };
        Assert.Null(SeatPolicy.Decide(Of("a b c"), NothingKnown, better));
    }

    [Fact]
    public void Founders_come_first_then_zones_without_a_seat_then_durable_stores()
    {
        SeatCandidate[] candidates =
        [
            Candidate('a', zone: "1"), Candidate('b', zone: "1"), Candidate('c', zone: "1", durable: true), Candidate('d', zone: "2"), Candidate('e', zone: "2", founder: true),
        ];
        Assert.Equal("a c e", Text(SeatPolicy.Decide(Of("a"), NothingKnown, candidates)));
        Assert.Equal("a b d", Text(SeatPolicy.Decide(Of("a"), NothingKnown, [Candidate('a', zone: "1"), Candidate('b', zone: "1"), Candidate('d', zone: "2")])));
    }

    [Fact]
    public void A_node_that_came_back_without_its_store_gets_its_seat_by_a_new_epoch()
    {
        var returned = new AcceptorId(Acceptor('c').Node, Guid.Parse("00000000-0000-0000-0000-0000000000ff"));
        var seats = new Dictionary<AcceptorId, SeatState> { [Acceptor('c')] = SeatState.Vacant };
        var next = SeatPolicy.Decide(Of("a b c"), seats, [Candidate('a'), Candidate('b'), new SeatCandidate(returned, "", IsFounder: true, IsDurable: false)]);
        Assert.Equal(Configuration.Of(0, [Acceptor('a'), Acceptor('b'), returned]).Acceptors, next!.Value);
    }

    [Fact]
    public void Seats_are_not_moved_to_where_no_majority_could_serve()
    {
        var seats = new Dictionary<AcceptorId, SeatState> { [Acceptor('a')] = SeatState.Missing, [Acceptor('b')] = SeatState.Missing, [Acceptor('c')] = SeatState.Vacant };
        Assert.Null(SeatPolicy.Decide(Of("a b c"), seats, [Candidate('d')]));
    }

    [Fact]
    public void A_seat_is_vacant_when_it_was_missing_for_too_long_or_is_gone_for_good()
    {
        var watch = new SeatWatch();
        var configuration = Of("a b c");
        watch.Misses(Acceptor('a'), now: 0, Patience);
        watch.Misses(Acceptor('b'), now: 0, Patience);
        watch.Gone(Acceptor('c'));
        Assert.Equal([SeatState.Missing, SeatState.Missing, SeatState.Vacant], Look(Patience.Ticks - 1));

        watch.Serves(Acceptor('b'));
        watch.Misses(Acceptor('a'), Patience.Ticks, Patience); // it has been for long
        Assert.Equal([SeatState.Vacant, SeatState.Serving, SeatState.Vacant], Look(Patience.Ticks));

        IEnumerable<SeatState> Look(long now)
        {
            var states = watch.Look(configuration, now);
            return "abc".Select(name => states[Acceptor(name)]);
        }
    }

    private static Dictionary<AcceptorId, SeatState> NothingKnown => [];

    private static string? Decide(string seats, string candidates, string vacant = "") => Text(SeatPolicy.Decide(
        Of(seats),
        Split(vacant).ToDictionary(Acceptor, _ => SeatState.Vacant),
        [.. Split(candidates).Select(name => Candidate(name))]));

    private static string? Text(ImmutableArray<AcceptorId>? seats) =>
        seats is null ? null : string.Join(' ', seats.Value.Select(seat => (char)seat.Store.ToByteArray(bigEndian: true)[^1]).Order());

    private static Configuration Of(string seats) => Configuration.Of(0, Split(seats).Select(Acceptor));

    private static IEnumerable<char> Split(string names) => names.Where(char.IsLetter);

    private static SeatCandidate Candidate(char name, string zone = "", bool founder = false, bool durable = false) => new(Acceptor(name), zone, founder, durable);

    private static AcceptorId Acceptor(char name) => new(new NodeId(new UInt128(0, name)), new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)name));
}

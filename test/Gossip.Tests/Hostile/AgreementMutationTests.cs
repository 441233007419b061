using Gossip.Agreement;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Engines of the agreement under mutated packets and notices of every kind that a running cluster says, at the moment at which it says them: nothing throws.</summary>
public sealed class AgreementMutationTests
{
    /// <summary>Steps of one cluster: it founds in the first ones, and changes its seats in the middle. Bytes that look right bring it to a stand sooner or later, so there is another one then.</summary>
    private const int Steps = 300;

    private const int Copies = 2;
    private const int LeastDecided = 20;

    [Fact]
    public void Clusters_that_nobody_disturbs_found_decide_and_change_their_seats()
    {
        var wire = new AgreementWire(seed: 1);
        for (var step = 0; step < Steps; step++)
        {
            wire.Run(step);
        }

        Assert.True(wire.Decided > LeastDecided, $"{wire.Decided}");
        Assert.True(wire.Epoch > 1, $"{wire.Epoch}");
    }

    [Fact]
    public void Mutated_words_of_others_throw_nothing()
    {
        var random = new Random(Fuzz.Seed);
        var (round, taken, refused, decided) = (0, 0, 0, 0);
        byte[] last = [];
        List<byte[]> golden = [];
        for (var cluster = 0; round < Fuzz.Rounds; cluster++)
        {
            var wire = new AgreementWire((ulong)(Fuzz.Seed + cluster));
            var victim = cluster % 4;
            golden.Clear();
            wire.BeforePacket = (to, from, packet) => Mutate(to == victim, packet, packet.AsSpan(0, PacketHeader.Size).ToArray(), input => wire.Deliver(to, from, input));
            wire.BeforeNotice = (to, from, notice) => Mutate(to == victim, notice, [], input => wire.Tell(to, from, input));
            try
            {
                for (var step = 0; step < Steps && round < Fuzz.Rounds; step++)
                {
                    wire.Run(step);
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"{Fuzz.Describe($"agreement, cluster {cluster}", round, last)} threw {e}");
            }

            decided += wire.Decided;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{round} inputs of seed {Fuzz.Seed}: {taken} taken, {refused} refused, {decided} calls done.");
        Assert.True(taken > round / 20 && refused > round / 20, $"{taken} taken, {refused} refused"); // both happen often

        void Mutate(bool isVictim, byte[] original, byte[] head, Func<byte[], bool> deliver)
        {
            var body = original[head.Length..];
            if (golden.Count < 64)
            {
                golden.Add(body);
            }

            if (!isVictim)
            {
                return;
            }

            var mutator = new Mutator([body, golden[random.Next(golden.Count)]], random);
            for (var i = 0; i < Copies; i++)
            {
                last = [.. head, .. mutator.Next()];
                round++;
                if (deliver(last))
                {
                    taken++;
                }
                else
                {
                    refused++;
                }
            }
        }
    }

    /// <summary>What a founder's store is asked at the seat of its list, which no honest node does.</summary>
    [Fact]
    public void A_founder_that_is_asked_as_a_newcomer_at_its_founding_seat_refuses()
    {
        var seats = new FoundingList("cluster", ["a", "b", "c"]);
        var acceptor = new Acceptor(new AcceptorId(NodeId.Derive("t", "a"), Guid.NewGuid()));
        var empty = RegisterValue.Unfounded(seats.Configuration, Gossip.Tables.TableState.Empty);
        Assert.NotNull(acceptor.Bind(seats.Id, seats.SeatAt(0), empty));
        foreach (var request in new AcceptorRequest[] { new Stage(Ballot.None, empty), new Install(Ballot.None, empty) })
        {
            Assert.Null(acceptor.Handle(request with { Register = new RegisterId(seats.Id, 0), To = seats.SeatAt(0) }, out var reply));
            Assert.IsType<Absent>(reply);
        }
    }
}

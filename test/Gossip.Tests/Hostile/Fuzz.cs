using System.Globalization;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Takes one input; it must not throw, whatever the bytes are.</summary>
internal delegate void InputTaker(ReadOnlySpan<byte> input);

/// <summary>
/// Feeds mutated inputs to a parser, and demands of each that nothing is thrown and that no more memory is allocated than the input's size allows.
/// GOSSIP_FUZZ_ROUNDS sets how many inputs each parser gets, GOSSIP_FUZZ_SEED which ones; every failure names both.
/// </summary>
internal static class Fuzz
{
    private const int DefaultRounds = 50_000;
    private const int DefaultSeed = 1;

    /// <summary>The first inputs pay for what the runtime sets up once.</summary>
    private const int WarmUp = 2_000;

    public static int Rounds { get; } = Setting("GOSSIP_FUZZ_ROUNDS", DefaultRounds);

    public static int Seed { get; } = Setting("GOSSIP_FUZZ_SEED", DefaultSeed);

    /// <summary>Runs the default number of rounds, or that of the environment.</summary>
    /// <param name="parser">The name for reports; it is part of the seed, so that each parser gets other inputs.</param>
    /// <param name="golden">What is mutated.</param>
    /// <param name="fixedBound">How many bytes any input may make the parser allocate.</param>
    /// <param name="boundPerByte">How many bytes more for each byte of the input.</param>
    /// <param name="take">The parser.</param>
    /// <param name="atLeast">How many rounds this parser gets when the environment asks for less.</param>
    public static void Run(string parser, IReadOnlyList<byte[]> golden, long fixedBound, long boundPerByte, InputTaker take, int atLeast = 0)
    {
        var mutator = new Mutator(golden, new Random(StableHash(parser) ^ Seed));
        var most = 0L;
        var rounds = Math.Max(Rounds, atLeast);
        for (var round = -WarmUp; round < rounds; round++)
        {
            var input = mutator.Next();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                take(input);
            }
            catch (Exception e)
            {
                Assert.Fail($"{Describe(parser, round, input)} threw {e}");
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (round < 0)
            {
                continue;
            }

            most = Math.Max(most, allocated);
            if (allocated > fixedBound + (boundPerByte * input.Length))
            {
                Assert.Fail($"{Describe(parser, round, input)} allocated {allocated} bytes.");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{parser}: {rounds} inputs of seed {Seed}; the most that one allocated: {most} bytes.");
    }

    /// <summary>Says which input it was, so that it can be made again.</summary>
    public static string Describe(string parser, int round, ReadOnlySpan<byte> input) =>
        $"{parser}, seed {Seed}, input {round} ({Convert.ToHexString(input)})";

    private static int Setting(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : fallback;

    /// <summary>The same in every process, which the hash code of a string is not.</summary>
    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}

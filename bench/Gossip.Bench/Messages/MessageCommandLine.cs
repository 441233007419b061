using System.Globalization;

namespace Gossip.Bench.Messages;

/// <summary>The arguments of the command that measures messages.</summary>
internal sealed record MessageCommandLine(int Runs, bool Peer)
{
    public const string Verb = "messages";

    public const string Usage = """
        messages            measures messages and requests between two processes, plain and encrypted
          --runs R          how often each is measured, in turn with the peer (default 3)
          --no-peer         without the peer, NATS
        """;

    private const int DefaultRuns = 3;

    /// <summary>Reads the arguments after the verb; null when they are not understood.</summary>
    public static MessageCommandLine? Parse(IReadOnlyList<string> arguments)
    {
        var read = new MessageCommandLine(DefaultRuns, Peer: true);
        for (var i = 1; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--no-peer":
                    read = read with { Peer = false };
                    break;
                case "--runs" when i + 1 < arguments.Count && int.TryParse(arguments[++i], NumberStyles.None, CultureInfo.InvariantCulture, out var runs) && runs > 0:
                    read = read with { Runs = runs };
                    break;
                default:
                    return null;
            }
        }

        return read;
    }
}

using System.Globalization;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>What became of a join through one endpoint of an address.</summary>
internal readonly record struct JoinOutcome(JoinResult Result, NodeEndpoint Through)
{
    /// <summary>So that a name with hundreds of addresses, all of them silent, does not fill the log.</summary>
    private const int MaxTold = 8;

    /// <summary>The failures of all endpoints as one: what a gossip node answered tells more than that nobody did. Each endpoint is told of.</summary>
    public static JoinOutcome Worst(string address, IReadOnlyList<JoinOutcome> failed)
    {
        var telling = failed.MaxBy(static outcome => Rank(outcome.Result.Failure));
        if (failed.Count == 1)
        {
            return telling;
        }

        var told = failed.Take(MaxTold).Select(static outcome => outcome.Result.Error!.Message);
        var rest = failed.Count > MaxTold ? string.Create(CultureInfo.InvariantCulture, $" And {failed.Count - MaxTold} more endpoints, in the same way or another.") : "";
        var message = $"Cannot join through {address}, which stands for {failed.Count} endpoints. {string.Join(' ', told)}{rest}";
        return telling with { Result = telling.Result with { Error = new GossipJoinException(telling.Result.Failure, message) } };
    }

    private static int Rank(JoinFailure failure) => failure switch
    {
        JoinFailure.Stopped => 4,
        JoinFailure.Self => 0,
        JoinFailure.Unreachable => 1,
        JoinFailure.TimedOut => 2,
        _ => 3,
    };
}

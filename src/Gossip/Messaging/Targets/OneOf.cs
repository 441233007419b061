using System.Collections.Immutable;
using Gossip.Node;

namespace Gossip.Messaging;

/// <summary>One of several recipients, another one each time. It never draws one to whom nothing can be sent, and one that is suspected only when all are.</summary>
internal sealed class OneOf(Target among, Func<ulong, int, int> choose) : Target
{
    private long _calls = -1;

    /// <summary>Each in turn, in the order of their identities.</summary>
    public static OneOf InTurn(Target among) => new(among, static (call, count) => (int)(call % (ulong)count));

    /// <summary>A random one: the scrambled number of the call, so that no generator needs a lock.</summary>
    public static OneOf AtRandom(Target among, ulong seed) => new(among, (call, count) => (int)(SeededRandom.Mix(seed + call) % (ulong)count));

    internal override IEnumerable<Recipient> Select(ClusterView view)
    {
        var able = among.Select(view).Where(static recipient => recipient.Member is { IsPresent: true }).ToImmutableArray();
        var well = able.Where(static recipient => recipient.Member!.State == MemberState.Alive).ToImmutableArray();
        var candidates = well.IsEmpty ? able : well;
        return candidates.IsEmpty ? [] : [candidates[choose((ulong)Interlocked.Increment(ref _calls), candidates.Length)]];
    }
}

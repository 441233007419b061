namespace Gossip.Diagnostics;

/// <summary>Counts what happened to members; read by the meter.</summary>
internal sealed class NodeCounters
{
    private readonly long[] _transitions = new long[Enum.GetValues<MemberState>().Length];

    public long this[MemberState state] => Interlocked.Read(ref _transitions[(int)state]);

    public void Count(MemberState state) => Interlocked.Increment(ref _transitions[(int)state]);
}

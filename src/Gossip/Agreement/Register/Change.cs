namespace Gossip.Agreement;

/// <summary>Names a change for ever: however often it is sent, and by whatever way, it is applied at most once.</summary>
/// <param name="Session">The life of the node that asks.</param>
/// <param name="Sequence">Counts the changes of that life, from 1.</param>
internal readonly record struct ChangeId(NodeInstance Session, ulong Sequence)
{
    public override string ToString() => $"{Session}+{Sequence}";
}

/// <summary>What a client asks of a register.</summary>
/// <param name="Id">The name of the change.</param>
/// <param name="FirstOutstanding">The client waits for no change of a lower sequence any more: their results are forgotten, and they are void if they still arrive (Lee et al. 2015, "RIFL" §3).</param>
/// <param name="Body">The change, for <see cref="IRegisterState.Apply"/>. Empty for one that only wants to know that the state it sees is current.</param>
internal sealed record Change(ChangeId Id, ulong FirstOutstanding, ReadOnlyMemory<byte> Body);

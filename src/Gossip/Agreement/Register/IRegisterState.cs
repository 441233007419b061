namespace Gossip.Agreement;

/// <summary>
/// What a register holds for its users: an immutable value with change functions. Every acceptor runs them, so the same change of the same state
/// must give the same state everywhere: whatever it depends on, such as a time, is part of the change.
/// </summary>
internal interface IRegisterState
{
    /// <summary>Applies a change. Never throws, whatever the bytes are.</summary>
    /// <param name="change">The change, as its user encoded it.</param>
    /// <param name="result">What to answer. It is remembered, so that the same change sent again gets the same answer, and so should be small: one above <see cref="Sessions.MaxSessionBytes"/> is never decided.</param>
    /// <returns>The state afterwards; this object when nothing changes.</returns>
    IRegisterState Apply(ReadOnlySpan<byte> change, out ReadOnlyMemory<byte> result);

    /// <summary>The whole state, encoded.</summary>
    ReadOnlyMemory<byte> Save();

    /// <summary>A number that never falls while the register lives, and rises with every change that its users can tell apart.</summary>
    long Height { get; }

    /// <summary>The change that makes the empty state of a register that succeeds a lost one hold what this one holds.</summary>
    /// <param name="above">The highest that anybody within reach saw the lost one come to; the new state must be far above it, for there may have been more.</param>
    /// <returns>A change; empty for none.</returns>
    ReadOnlyMemory<byte> Succeed(long above);
}

/// <summary>Makes the states of one kind of register.</summary>
internal interface IRegisterFormat
{
    /// <summary>The state of a register that nobody changed yet.</summary>
    IRegisterState Empty { get; }

    /// <summary>Reads what <see cref="IRegisterState.Save"/> gave. False for anything else; never throws.</summary>
    bool TryRead(ReadOnlySpan<byte> bytes, out IRegisterState state);
}

namespace Gossip.Agreement;

/// <summary>Asks a member what it holds of a register that is lost. Any member answers, with or without a seat.</summary>
/// <param name="WantsValue">Whether to send the value, too.</param>
internal sealed record Inquiry(bool WantsValue) : AcceptorRequest;

/// <summary>What a member holds of a register.</summary>
/// <param name="Register">The epoch of what it holds; default when it holds nothing.</param>
/// <param name="Accepted">The ballot in which it was accepted, or seen to be chosen; none for what the epoch opened with.</param>
/// <param name="Position">Which value; nowhere for none.</param>
/// <param name="Height">The highest that the member ever saw the state come to, see <see cref="IRegisterState.Height"/>.</param>
/// <param name="Age">How long ago the member came to hold it; after a restart as if it had then.</param>
/// <param name="Configuration">The latest acceptors that the member knows.</param>
/// <param name="Value">The value, if it was asked for.</param>
internal sealed record Testimony(
    RegisterId Register, Ballot Accepted, Position Position, long Height, TimeSpan Age, Configuration? Configuration, RegisterValue? Value) : AcceptorReply
{
    /// <summary>
    /// The higher, the later. As in phase 1: within an epoch whatever was accepted in a ballot above that of a chosen value is built on that value. The revision says nothing, since an attempt that was never chosen
    /// counts on from where it began.
    /// </summary>
    public (long Epoch, Ballot Ballot, long Revision) Rank => (Register.Epoch, Accepted, Position.Revision);
}

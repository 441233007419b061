namespace Gossip.Agreement;

/// <summary>Asks a member what it holds of a register that is lost. Any member answers, with or without a seat.</summary>
/// <param name="WantsValue">Whether to send the value, too.</param>
internal sealed record Inquiry(bool WantsValue) : AcceptorRequest;

/// <summary>What a member holds of a register.</summary>
/// <param name="Register">The epoch of what it holds; default when it holds nothing.</param>
/// <param name="Accepted">The ballot in which it was accepted; none where that is not known.</param>
/// <param name="Position">Which value; nowhere for none.</param>
/// <param name="Height">The highest that the member ever saw the state come to, see <see cref="IRegisterState.Height"/>.</param>
/// <param name="Age">How long ago the member came to hold it; after a restart as if it had then.</param>
/// <param name="Configuration">Who votes there.</param>
/// <param name="Value">The value, if it was asked for.</param>
internal sealed record Testimony(
    RegisterId Register, Ballot Accepted, Position Position, long Height, TimeSpan Age, Configuration? Configuration, RegisterValue? Value) : AcceptorReply
{
    /// <summary>The higher, the later. Of two values of one revision that were accepted and maybe not chosen, the higher ballot could have been.</summary>
    public (long Epoch, long Revision, Ballot Ballot) Rank => (Register.Epoch, Position.Revision, Accepted);
}

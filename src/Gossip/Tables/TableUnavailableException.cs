namespace Gossip;

/// <summary>
/// The membership table did not answer in time, most often because no majority of its acceptors can be reached. Nothing is guessed in its place: whoever wants to
/// know tries again. The message says who did not answer. A change that was sent and not answered when
/// its node stops ends so, too.
/// </summary>
public sealed class TableUnavailableException : GossipException
{
    internal TableUnavailableException(string message, bool mayHaveHappened)
        : base(message) => MayHaveHappened = mayHaveHappened;

    /// <summary>
    /// False when the change certainly never happens. True when it was sent and its outcome is not known: it may happen yet, and a later read shows whether it did. Reads leave it false.
    /// </summary>
    public bool MayHaveHappened { get; }
}

using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>What a sealed transport tells its node. Called from any thread; must not block.</summary>
internal interface ISealedTransportOwner
{
    /// <summary>A packet was refused, and not because of a replay.</summary>
    void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId);

    /// <summary>
    /// The node at an endpoint that was dialled does not understand this one, or is not understood. Nobody vouches for it: it may explain why a
    /// join failed, and must change nothing else.
    /// </summary>
    void OnKeyMismatch(in NodeEndpoint dialled);

    /// <summary>Whoever dialled this node says on a connection on which he was understood that he does not understand it: keys were changed, and he was left out.</summary>
    void OnNotUnderstood(in NodeEndpoint from, byte keyId);
}

namespace Gossip;

/// <summary>What became of a request at one of several members: a reply or an error.</summary>
/// <typeparam name="TReply">The type of the reply.</typeparam>
public sealed class GatheredReply<TReply>
{
    private readonly TReply? _reply;

    internal GatheredReply(NodeInstance target, TReply reply) => (Target, _reply) = (target, reply);

    internal GatheredReply(NodeInstance target, GossipException error) => (Target, Error) = (target, error);

    /// <summary>The life of the member that was asked; its generation is 0 when the member is not known.</summary>
    public NodeInstance Target { get; }

    /// <summary>Whether there is a reply.</summary>
    public bool Succeeded => Error is null;

    /// <summary>Why there is no reply: what a request to this member alone would have thrown. Null when there is one.</summary>
    public GossipException? Error { get; }

    /// <summary>The reply.</summary>
    /// <exception cref="GossipException">There is none: <see cref="Error"/>.</exception>
    public TReply Reply => Error is null ? _reply! : throw Error;
}

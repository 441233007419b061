namespace Gossip;

/// <summary>Options that no node can start with. The message lists each problem and what to change.</summary>
public sealed class GossipOptionsException : GossipException
{
    /// <summary>Creates an error.</summary>
    /// <param name="failures">Each problem, and what to change.</param>
    public GossipOptionsException(IReadOnlyList<string> failures)
        : base("The gossip options are not valid:" + string.Concat((failures ?? []).Select(failure => Environment.NewLine + "- " + failure))) =>
        Failures = failures ?? [];

    /// <summary>Each problem, and what to change.</summary>
    public IReadOnlyList<string> Failures { get; }
}

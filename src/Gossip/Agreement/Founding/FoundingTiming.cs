namespace Gossip.Agreement;

/// <summary>The times of founding. They decide how careful it is, see docs/agreement.md; two nodes that differ in them found one cluster all the same.</summary>
internal sealed record FoundingTiming
{
    /// <summary>
    /// How long founders whose store does not outlive them wait for the last of the list before a majority of them founds. A founder that restarted cannot
    /// tell, and those that are missing could; so all are heard first, if they can be. As long does one that founds alone wait for its seeds.
    /// </summary>
    public TimeSpan Completeness { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the word of an observer that a cluster exists delays founding: it may remember one that is gone.</summary>
    public TimeSpan ObserverDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a member may take to tell what it knows. One that tells nothing by then has no part in the agreement.</summary>
    public TimeSpan NoticePatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long each founder lets the one before it on the list try alone.</summary>
    public TimeSpan Stagger { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a developer's node that did not get the default port looks for the one that did.</summary>
    public TimeSpan DeveloperPatience { get; init; } = TimeSpan.FromSeconds(3);
}

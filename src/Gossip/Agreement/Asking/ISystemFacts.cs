namespace Gossip.Agreement;

/// <summary>What the library's own parts tell each other by gossip, beside the users' metadata. May be called from any thread.</summary>
internal interface ISystemFacts
{
    /// <summary>The latest view; <see cref="ClusterMember.SystemFacts"/> has what each member tells.</summary>
    ClusterView View { get; }

    /// <summary>False on a client, whom nobody hears.</summary>
    bool IsHeard => true;

    /// <summary>Ends when there is another view than the one that was seen.</summary>
    Task ChangeAfter(ClusterView seen);

    /// <summary>Tells something, in the place of what was told under this key before; null takes it back.</summary>
    Task SetAsync(string key, MetadataValue? value, CancellationToken cancellationToken);
}

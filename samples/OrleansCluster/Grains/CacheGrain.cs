using Orleans.Clustering.Gossip;

namespace OrleansCluster.Grains;

/// <summary>A grain that runs only on silos with the tag <see cref="Tag"/>, whoever calls it.</summary>
public interface ICacheGrain : IGrainWithIntegerKey
{
    const string Tag = "cache";

    /// <summary>The name of the silo on which it runs.</summary>
    Task<string> WhereAsync();
}

/// <inheritdoc cref="ICacheGrain"/>
[RequireTag(ICacheGrain.Tag)]
public sealed class CacheGrain(ILocalSiloDetails silo) : Grain, ICacheGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.Name);
}

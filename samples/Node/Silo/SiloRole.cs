using System.Globalization;
using Orleans.Clustering.Gossip;
using Orleans.Configuration;

namespace Node;

/// <summary>Makes the node a silo, too: Silo=true, with Orleans__ClusterId and Orleans__ServiceId. It has one engine, whose options are those of the node.</summary>
internal static class SiloRole
{
    public static void Add(WebApplicationBuilder builder)
    {
        if (!IsWanted(builder.Configuration))
        {
            return;
        }

        builder.UseOrleans(silo =>
        {
            silo.ConfigureEndpoints(EndpointOptions.DEFAULT_SILO_PORT, EndpointOptions.DEFAULT_GATEWAY_PORT, listenOnAnyHostAddress: true)
                .UseGossipClustering((GossipClusteringOptions options) => options.ReportDeaths = true);
#pragma warning disable ORLEANSEXP003 // the directory that Orleans is about to prefer is marked as an experiment
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        });
    }

    public static void Map(WebApplication app)
    {
        if (!IsWanted(app.Configuration))
        {
            return;
        }

        app.MapGet("/silos", static (IClusterMembershipService membership) =>
            membership.CurrentSnapshot.Members.Values.Select(static member => new SiloReport(member.SiloAddress.ToParsableString(), member.Status.ToString())));
        app.MapPost("/call", static async (long key, IGrainFactory grains) => new CallReport(key, await grains.GetGrain<IPlaceGrain>(key).WhereAsync()));
    }

    private static bool IsWanted(IConfiguration configuration) => configuration.GetValue<bool>("Silo");
}

/// <summary>A grain that says which activation it is.</summary>
public interface IPlaceGrain : IGrainWithIntegerKey
{
    /// <summary>The silo, and a number that no other activation has.</summary>
    Task<string> WhereAsync();
}

/// <inheritdoc cref="IPlaceGrain"/>
public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    /// <inheritdoc/>
    public Task<string> WhereAsync() => Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"{silo.SiloAddress.ToParsableString()} {_activation}"));
}

using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Orleans.Placement
{
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public abstract class PlacementFilterAttribute : Attribute
    {
        protected PlacementFilterAttribute(PlacementFilterStrategy placement) => PlacementFilterStrategy = placement;

        public PlacementFilterStrategy PlacementFilterStrategy { get; }
    }

    public abstract class PlacementFilterStrategy
    {
        protected PlacementFilterStrategy(int order) => Order = order;

        public int Order { get; }

        public virtual void AdditionalInitialize(GrainProperties properties)
        {
        }

        protected string? GetPlacementFilterGrainProperty(string key, GrainProperties properties) => null;

        protected virtual IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
            IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties) => [];
    }

    public interface IPlacementFilterDirector
    {
        IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos);
    }

    public static class PlacementFilterExtensions
    {
        public static IServiceCollection AddPlacementFilter<TFilter, TDirector>(this IServiceCollection services, ServiceLifetime strategyLifetime)
            where TFilter : PlacementFilterStrategy, new()
            where TDirector : class, IPlacementFilterDirector => services;
    }
}

namespace Orleans.Metadata
{
    public sealed class GrainProperties;
}

namespace Orleans.Runtime
{
    public readonly struct GrainType;
}

namespace Orleans.Runtime.Placement
{
    public readonly struct PlacementTarget;
}

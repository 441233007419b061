using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// Places the grains of a class only on silos that have a tag at that moment, as this silo knows it. Where no silo has it, placing a grain fails with Orleans' own exception, that no active node is compatible; grains
/// that are active already stay where they are when a silo loses the tag.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequireTagAttribute : PlacementFilterAttribute
{
    /// <summary>Requires a tag.</summary>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <param name="order">When this filter is applied, among the filters of the class: lower ones first, and each has its own number. Default: 0.</param>
    public RequireTagAttribute(string tag, int order = 0)
        : base(new RequireTagStrategy(tag, order)) => Tag = tag;

    /// <summary>The tag.</summary>
    public string Tag { get; }
}

/// <summary>Made anew by Orleans in each silo from what the attribute wrote into the grain's properties.</summary>
internal sealed class RequireTagStrategy(string? tag, int order) : PlacementFilterStrategy(order)
{
    private const string Property = "tag";

    public RequireTagStrategy()
        : this(null, 0)
    {
    }

    public string? Tag { get; private set; } = tag;

    public override void AdditionalInitialize(GrainProperties properties) =>
        Tag = GetPlacementFilterGrainProperty(Property, properties) ?? throw new ArgumentException("The grain requires a tag, and its properties do not say which.", nameof(properties));

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties) => [new(Property, Tag!)];
}

internal sealed class RequireTagDirector(GossipSilos directory) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> candidates)
    {
        var tag = ((RequireTagStrategy)filterStrategy).Tag!;
        return candidates.Where(silo => directory.TagsOf(silo).Contains(tag));
    }
}

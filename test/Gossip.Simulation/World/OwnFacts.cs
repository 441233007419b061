using System.Globalization;
using Gossip.Metadata;

namespace Gossip.Simulation;

/// <summary>The tags and metadata that nodes set. Each life has a key of its own, so that one that outlives it is noticed.</summary>
internal static class OwnFacts
{
    private const int Zones = 3;
    private const int Keys = 6;

    public static void SetInitial(SimWorld world, SimNode node)
    {
        Set(world, node, FactKind.Tag, string.Create(CultureInfo.InvariantCulture, $"zone-{node.Index % Zones}"), true);
        Set(world, node, FactKind.Metadata, "name", string.Create(CultureInfo.InvariantCulture, $"node-{node.Index}"));
        Set(world, node, FactKind.Metadata, string.Create(CultureInfo.InvariantCulture, $"life-{node.Boot}"), node.Boot);
    }

    /// <summary>Sets or removes one of a few tags and keys.</summary>
    public static void Change(SimWorld world, SimNode node)
    {
        if (!node.IsRunning || node.IsLeaving)
        {
            return;
        }

        world.Counts.Count(Fault.FactChange);
        var kind = world.Random.Next(2) == 0 ? FactKind.Tag : FactKind.Metadata;
        var key = string.Create(CultureInfo.InvariantCulture, $"key-{world.Random.Next(Keys)}");
        if (node.Self.Facts.TryGet(kind, key, out _) && world.Random.Next(2) == 0)
        {
            Set(world, node, kind, key, null);
        }
        else
        {
            Set(world, node, kind, key, kind == FactKind.Tag ? true : (long)(world.Random.NextUInt64() >> 1));
        }
    }

    private static void Set(SimWorld world, SimNode node, FactKind kind, string key, MetadataValue? value)
    {
        node.Engine!.ChangeFacts(node.At(world), [new FactChange(kind, key, value)]);
        world.AfterCall(node);
    }
}

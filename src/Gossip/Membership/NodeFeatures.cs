using System.Globalization;

namespace Gossip.Membership;

/// <summary>What a node can do beyond the first version of the protocol, so that others need not try. Bits that a reader does not know are kept and passed on.</summary>
[Flags]
internal enum NodeFeatures : ulong
{
    None = 0,

    /// <summary>It takes orders about its keys.</summary>
    KeyChanges = 1,

    /// <summary>What this version of the library can do.</summary>
    All = KeyChanges,
}

/// <summary>Features by name, for views.</summary>
internal static class FeatureNames
{
    public const string KeyChanges = "key-changes";

    private const int Bits = 64;

    public static IReadOnlyList<string> Of(NodeFeatures features)
    {
        if (features == NodeFeatures.None)
        {
            return [];
        }

        List<string> names = [];
        for (var bit = 0; bit < Bits; bit++)
        {
            if (((ulong)features >> bit & 1) != 0)
            {
                names.Add((NodeFeatures)(1UL << bit) switch
                {
                    NodeFeatures.KeyChanges => KeyChanges,
                    _ => string.Create(CultureInfo.InvariantCulture, $"feature-{bit}"), // a later version's
                });
            }
        }

        return names;
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace Gossip.Tests.Metadata;

/// <summary>Random metadata values of every kind, the edges of each among them.</summary>
internal static class MetadataArbitraries
{
    public static Gen<MetadataValue> Value { get; } = Gen.OneOf(
        ArbMap.Default.GeneratorFor<bool>().Select(v => (MetadataValue)v),
        ArbMap.Default.GeneratorFor<DoNotSize<long>>().Select(v => (MetadataValue)v.Item),
        ArbMap.Default.GeneratorFor<DoNotSize<ulong>>().Select(v => (MetadataValue)v.Item),
        ArbMap.Default.GeneratorFor<double>().Select(v => (MetadataValue)v),
        Gen.Elements<MetadataValue>(
            0, long.MinValue, long.MaxValue, 0UL, ulong.MaxValue, "", "\0", "𝄞", double.NaN, double.NegativeInfinity, double.Epsilon,
            DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Array.Empty<byte>(), new byte[300], new string('x', 300)),
        Gen.Elements("a", "é", "€", "𝄞", "\n").ArrayOf().Select(v => (MetadataValue)string.Concat(v)),
        ArbMap.Default.GeneratorFor<byte[]>().Select(v => (MetadataValue)v),
        ArbMap.Default.GeneratorFor<DateTimeOffset>().Select(v => (MetadataValue)v));
}

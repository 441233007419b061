namespace Gossip.Tests.Codecs;

/// <summary>Values of all kinds that MessagePack can tell apart, inside each other.</summary>
internal static class RandomValues
{
    private const int Kinds = 7;
    private const int MaxCount = 40;
    private const int MaxText = 300;

    public static object Next(Random random, int depth) => random.Next(depth > 0 ? Kinds + 2 : Kinds) switch
    {
        0 => random.Next(2) == 0,
        1 => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        2 => (ulong)long.MaxValue + 1 + (ulong)random.NextInt64(),
        3 => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300)),
        4 => Text(random),
        5 => Bytes(random),
        6 => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc),
        7 => Enumerable.Range(0, random.Next(MaxCount)).Select(_ => random.Next(8) == 0 ? null : Next(random, depth - 1)).ToArray(),
        _ => Enumerable.Range(0, random.Next(MaxCount)).ToDictionary(i => $"{i}", _ => random.Next(8) == 0 ? null : Next(random, depth - 1)),
    };

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(static pair => AreEqual(pair.First, pair.Second)),
        (Dictionary<string, object?> a, Dictionary<object, object?> b) => a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var other) && AreEqual(pair.Value, other)),
        _ => Equals(left, right),
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(MaxText)).Select(_ => char.ConvertFromUtf32(random.Next(4) == 0 ? 0x1F600 + random.Next(50) : 0x20 + random.Next(0x500))));

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(MaxText)];
        random.NextBytes(bytes);
        return bytes;
    }
}

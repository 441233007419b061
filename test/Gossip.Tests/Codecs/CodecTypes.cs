using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Gossip.Tests.Codecs;

internal enum Shade : byte
{
    None = 0,
    Light = 1,
    Dark = 200,
}

internal sealed record Small(int Number, string? Item = "tea")
{
    public required string Extra { get; init; }

    public double Sum => Number * 2.0;
}

internal sealed class Nested
{
    public string? Name { get; set; }

    public Nested? Inner { get; set; }

    public List<Nested>? Others { get; set; }
}

internal struct Pair
{
    public int X { get; set; }

    public int Y { get; set; }
}

internal sealed class Renamed
{
    [JsonPropertyName("the name")]
    public string? Name { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rare { get; set; }

    [JsonIgnore]
    public string? Secret { get; set; }
}

internal sealed class Everything
{
    public bool Bool { get; set; }

    public sbyte SByte { get; set; }

    public byte Byte { get; set; }

    public short Short { get; set; }

    public ushort UShort { get; set; }

    public int Int { get; set; }

    public uint UInt { get; set; }

    public long Long { get; set; }

    public ulong ULong { get; set; }

    public char Char { get; set; }

    public float Float { get; set; }

    public double Double { get; set; }

    public decimal Decimal { get; set; }

    public string? Text { get; set; }

    public byte[]? Bytes { get; set; }

    public ReadOnlyMemory<byte> Memory { get; set; }

    public Shade Shade { get; set; }

    public Shade? MaybeShade { get; set; }

    public int? Some { get; set; }

    public int? Nothing { get; set; }

    public DateTime Date { get; set; }

    public DateTimeOffset Offset { get; set; }

    public TimeSpan Span { get; set; }

    public DateOnly Day { get; set; }

    public TimeOnly Time { get; set; }

    public Guid Guid { get; set; }

    public Uri? Uri { get; set; }

    public Version? Version { get; set; }

    public int[]? Array { get; set; }

    public List<string?>? List { get; set; }

    public IReadOnlyList<long>? ReadOnlyList { get; set; }

    public IEnumerable<double>? Enumerable { get; set; }

    public HashSet<Guid>? Set { get; set; }

    public ImmutableArray<Pair> Pairs { get; set; }

    public ImmutableList<int?>? Immutable { get; set; }

    public Queue<int>? Queue { get; set; }

    public ObservableCollection<string>? Observable { get; set; }

    public Dictionary<string, int>? Dictionary { get; set; }

    public IReadOnlyDictionary<int, string>? ByNumber { get; set; }

    public SortedDictionary<string, Small>? Sorted { get; set; }

    public ImmutableDictionary<string, Pair>? ImmutableMap { get; set; }

    public Dictionary<string, List<int[]>>? Deep { get; set; }

    public Small? Small { get; set; }

    public Nested? Nested { get; set; }

    public static Everything Sample() => new()
    {
        Bool = true,
        SByte = -100,
        Byte = 200,
        Short = -30_000,
        UShort = 60_000,
        Int = int.MinValue,
        UInt = uint.MaxValue,
        Long = long.MinValue,
        ULong = ulong.MaxValue,
        Char = 'ß',
        Float = 1.25f,
        Double = Math.PI,
        Decimal = 79228162514264337593543950335m,
        Text = "grüß 😀",
        Bytes = [1, 2, 3],
        Memory = new byte[] { 4, 5 },
        Shade = Shade.Dark,
        MaybeShade = Shade.Light,
        Some = 5,
        Date = new DateTime(2026, 7, 30, 1, 2, 3, 4, DateTimeKind.Utc),
        Offset = new DateTimeOffset(2026, 7, 30, 1, 2, 3, TimeSpan.FromMinutes(-330)),
        Span = TimeSpan.FromMilliseconds(-1.5),
        Day = new DateOnly(2026, 7, 30),
        Time = new TimeOnly(23, 59, 59),
        Guid = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Uri = new Uri("/a?b=c", UriKind.Relative),
        Version = new Version(1, 2, 3),
        Array = [1, -1, 300],
        List = ["a", null, ""],
        ReadOnlyList = [1, long.MaxValue],
        Enumerable = [0.5, -0.5],
        Set = [Guid.Empty, Guid.AllBitsSet],
        Pairs = [new Pair { X = 1, Y = 2 }, default],
        Immutable = [1, null],
        Queue = new([1, 2]),
        Observable = ["o"],
        Dictionary = new() { ["a"] = 1, ["b"] = -2 },
        ByNumber = new Dictionary<int, string> { [1] = "one", [-70_000] = "far" },
        Sorted = new() { ["s"] = new Small(1) { Extra = "e" } },
        ImmutableMap = ImmutableDictionary<string, Pair>.Empty.Add("p", new Pair { X = 3 }),
        Deep = new() { ["d"] = [[1], []] },
        Small = new Small(7, null) { Extra = "x" },
        Nested = new() { Name = "outer", Inner = new() { Name = "inner" }, Others = [new() { Name = "other" }] },
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Everything))]
[JsonSerializable(typeof(Renamed))]
[JsonSerializable(typeof(Shade))]
[JsonSerializable(typeof(List<Pair>))]
[JsonSerializable(typeof(Pair[]))]
[JsonSerializable(typeof(Dictionary<string, Pair>))]
internal sealed partial class CodecJson : JsonSerializerContext;

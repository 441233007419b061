using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gossip.Codecs;
using Xunit;

namespace Gossip.Tests.Codecs;

/// <summary>Objects of .NET as MessagePack, with contracts of reflection and with generated ones.</summary>
public sealed class MessagePackObjectTests
{
    private static readonly MessagePackCodec Codec = MessagePackCodec.Default;

    [Fact]
    public void Everything_survives_by_reflection_and_by_generated_contracts_to_the_same_bytes()
    {
        var sample = Everything.Sample();
        var reflected = Codec.Serialize(sample);
        var generated = Encode(sample, CodecJson.Default.Everything);
        Assert.Equal(reflected, generated);
        Assert.Equal(Text(sample), Text(Codec.Deserialize<Everything>(reflected)));
        Assert.Equal(Text(sample), Text(Codec.Decode(generated, CodecJson.Default.Everything)));
        Assert.Equal(Text(sample), Text(Codec.Decode(generated, Web<Everything>())));
    }

    [Fact]
    public void An_empty_object_survives()
    {
        var empty = new Everything { Pairs = [], Date = DateTime.UnixEpoch };
        Assert.Equal(Text(empty), Text(Codec.Deserialize<Everything>(Codec.Serialize(empty))));
        Assert.Equal(Text(empty), Text(Codec.Decode(Encode(empty, CodecJson.Default.Everything), CodecJson.Default.Everything)));
        Assert.True(Codec.Deserialize<Everything>(new byte[] { 0x80 }).Pairs.IsDefault);
        Assert.Empty(Codec.Deserialize<Everything>(Codec.Serialize(new Everything())).Pairs);
    }

    /// <summary>What MessagePack-CSharp writes without contracts: names as they are, enumerations as numbers, text for UUIDs and decimals.</summary>
    [Theory]
    [InlineData("Small", "84a64e756d62657207a44974656da3746561a54578747261a178a353756dcb402c000000000000")]
    [InlineData("Shade", "ccc8")]
    [InlineData("Guid", "d92430303131323233332d343435352d363637372d383839392d616162626363646465656666")]
    [InlineData("Decimal", "a3312e35")]
    [InlineData("DateTime", "d6ff00000001")]
    [InlineData("DateTimeOffset", "92d6ff00000e113c")]
    [InlineData("TimeSpan", "ce00989680")]
    [InlineData("DateOnly", "cd016d")]
    [InlineData("Ints", "93010203")]
    [InlineData("Map", "81a16101")]
    [InlineData("Numbers", "8101a16f")]
    [InlineData("Nothing", "c0")]
    public void Golden_objects(string which, string expected)
    {
        var bytes = which switch
        {
            "Small" => Codec.Serialize(new Small(7) { Extra = "x" }),
            "Shade" => Codec.Serialize(Shade.Dark),
            "Guid" => Codec.Serialize(new Guid("00112233-4455-6677-8899-aabbccddeeff")),
            "Decimal" => Codec.Serialize(1.5m),
            "DateTime" => Codec.Serialize(new DateTime(1970, 1, 1, 0, 0, 1, DateTimeKind.Utc)),
            "DateTimeOffset" => Codec.Serialize(new DateTimeOffset(1970, 1, 1, 1, 0, 1, TimeSpan.FromHours(1))),
            "TimeSpan" => Codec.Serialize(TimeSpan.FromSeconds(1)),
            "DateOnly" => Codec.Serialize(new DateOnly(2, 1, 1)),
            "Ints" => Codec.Serialize<IReadOnlyList<int>>([1, 2, 3]),
            "Map" => Codec.Serialize(new Dictionary<string, int> { ["a"] = 1 }),
            "Numbers" => Codec.Serialize(new Dictionary<int, string> { [1] = "o" }),
            _ => Codec.Serialize<int?>(null),
        };
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Unknown_keys_are_passed_over_and_missing_ones_leave_the_default()
    {
        // { "New": [ {}, 1 ], 7: "no name", "Number": 3 }
        var read = Codec.Deserialize<Small>(Convert.FromHexString("83a34e6577928001" + "07a161" + "a64e756d62657203"));
        Assert.Equal((3, "tea", null), (read.Number, read.Item, read.Extra));
    }

    [Fact]
    public void Names_are_those_of_the_properties_or_of_their_attribute_whatever_the_naming_policy()
    {
        var value = new Renamed { Name = "n", Secret = "s" };
        var bytes = Codec.Serialize(value);
        Assert.Equal("81a8746865206e616d65a16e", Convert.ToHexStringLower(bytes));
        Assert.Equal(bytes, Encode(value, CodecJson.Default.Renamed));
        Assert.Equal(bytes, Encode(value, Web<Renamed>()));
        value.Rare = "r";
        Assert.Equal("r", Codec.Deserialize<Renamed>(Codec.Serialize(value)).Rare);
    }

    [Fact]
    public void Numbers_of_others_are_taken_where_they_fit()
    {
        Assert.Equal(5.0, Codec.Deserialize<double>(new byte[] { 5 }));
        Assert.Equal(5m, Codec.Deserialize<decimal>(new byte[] { 5 }));
        Assert.Equal(1.5f, Codec.Deserialize<float>(Convert.FromHexString("cb3ff8000000000000")));
        Assert.Equal(DateTimeOffset.UnixEpoch, Codec.Deserialize<DateTimeOffset>(Convert.FromHexString("d6ff00000000")));
        Assert.Equal((Shade)77, Codec.Deserialize<Shade>(new byte[] { 77 }));
        Assert.Throws<PayloadException>(() => Codec.Deserialize<Shade>(Convert.FromHexString("cd0100")));
    }

    [Fact]
    public void Objects_that_contain_themselves_and_nests_that_are_too_deep_are_refused()
    {
        var loop = new Nested();
        loop.Inner = loop;
        Assert.Contains("more than 64", Assert.Throws<PayloadException>(() => Codec.Serialize(loop)).Message, StringComparison.Ordinal);
        var shallow = new MessagePackCodec([], maxDepth: 2);
        var two = new Nested { Inner = new() };
        var three = new Nested { Inner = two };
        Assert.NotNull(shallow.Deserialize<Nested>(shallow.Serialize(two)).Inner);
        Assert.Throws<PayloadException>(() => shallow.Serialize(three));
        Assert.Throws<PayloadException>(() => shallow.Deserialize<Nested>(Codec.Serialize(three)));
        var deep = Enumerable.Repeat((byte)0x91, 100_000).Append((byte)0xc0).ToArray();
        Assert.Throws<PayloadException>(() => Codec.Deserialize<object>(deep));
        Assert.Equal(deep.Length, MessagePackBytes.Skip(deep)); // which needs no stack
    }

    [Fact]
    public void What_does_not_fit_is_a_typed_error()
    {
        Assert.Throws<PayloadException>(() => Codec.Deserialize<Small>(new byte[] { 0xc0 }));
        Assert.Throws<PayloadException>(() => Codec.Deserialize<int>(new byte[] { 0xc0 }));
        Assert.Throws<PayloadException>(() => Codec.Deserialize<Small>(new byte[] { 0x90 }));
        Assert.Throws<PayloadException>(() => Codec.Deserialize<int>(new byte[] { 1, 2 })); // something follows
        Assert.Throws<PayloadException>(() => Codec.Deserialize<int[]>(Convert.FromHexString("91c0")));
        Assert.Throws<PayloadException>(() => Codec.Deserialize<Dictionary<string, int>>(Convert.FromHexString("81c001")));
        Assert.Contains("why not", Assert.Throws<PayloadException>(() => Codec.Deserialize<Picky>(Convert.FromHexString("81a54576656e73" + "03"))).Message, StringComparison.Ordinal);
        Assert.Contains("MessagePackConverter", Assert.Throws<PayloadException>(() => Codec.Serialize(System.Text.Json.Nodes.JsonNode.Parse("1"))).Message, StringComparison.Ordinal);
        Assert.Contains("Register", Assert.Throws<PayloadException>(() => Codec.Encode(new ArrayBufferWriter<byte>(), 1, contract: null)).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Values_of_no_declared_type_are_read_as_what_the_format_tells()
    {
        Assert.Equal(1L, Codec.Deserialize<object>(Codec.Serialize<object>((byte)1)));
        Assert.Equal(ulong.MaxValue, Codec.Deserialize<object>(Codec.Serialize<object>(ulong.MaxValue)));
        Assert.Equal(1.5, Codec.Deserialize<object>(Codec.Serialize<object>(1.5f)));
        var map = Assert.IsType<Dictionary<object, object?>>(Codec.Deserialize<object>(Codec.Serialize<object>(new Pair { X = 1 })));
        Assert.Equal(1L, map["X"]);
        Assert.Equal(new object?[] { 1L, null, "a" }, Codec.Deserialize<object>(Codec.Serialize<object>(new object?[] { 1, null, "a" })));
    }

    [Fact]
    public void Json_inside_of_objects_survives()
    {
        const string Json = """{"a":[1,-1,18446744073709551615,1.5,"x",true,false,null,[],{}],"b":{"c":null}}""";
        var value = new Dictionary<string, JsonElement> { ["json"] = JsonElement.Parse(Json), ["null"] = JsonElement.Parse("null"), ["none"] = default };
        var read = Codec.Deserialize<Dictionary<string, JsonElement>>(Codec.Serialize(value));
        Assert.Equal(Json, read["json"].GetRawText());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (read["null"].ValueKind, read["none"].ValueKind));

        // { 1: bytes, "t": a moment }
        var others = Codec.Deserialize<JsonElement>(Convert.FromHexString("8201c40107" + "a174d6ff00000000"));
        Assert.Equal("""{"1":"Bw==","t":"1970-01-01T00:00:00Z"}""", others.GetRawText());
        Assert.Throws<PayloadException>(() => Codec.Deserialize<JsonElement>(Convert.FromHexString("cb7ff8000000000000"))); // JSON has no NaN
    }

    [Fact]
    public void A_converter_of_ones_own_takes_the_place_of_what_the_codec_would_do()
    {
        var codec = new MessagePackCodec([new PairConverter()]);
        var value = ImmutableList.Create(new Pair { X = 1, Y = 2 });
        var bytes = codec.Serialize(value);
        Assert.Equal("91920102", Convert.ToHexStringLower(bytes));
        Assert.Equal(value, codec.Deserialize<ImmutableList<Pair>>(bytes));
        Assert.Throws<ArgumentException>(() => new MessagePackCodec([new PairConverter(), new PairConverter()]));
    }

    /// <summary>What native AOT has for elements of types that it made no code for.</summary>
    [Fact]
    public void Collections_work_without_code_made_at_run_time()
    {
        var contracts = new MessagePackContracts(CodecJson.Default.Options, ImmutableDictionary<Type, MessagePackConverter>.Empty);
        var element = new MessagePackSlot(contracts, typeof(Pair));
        var pairs = new[] { new Pair { X = 1 }, new Pair { Y = 2 } };
        Assert.Equal(pairs, Through(new BoxedSequenceMaker().Make(CodecJson.Default.PairArray, element), pairs));
        Assert.Equal([.. pairs], (List<Pair>)Through(new BoxedSequenceMaker().Make(CodecJson.Default.ListPair, element), pairs.ToList()));
        Dictionary<string, Pair> map = new() { ["a"] = pairs[0] };
        var key = new MessagePackSlot(contracts, typeof(string));
        Assert.Equal(map, Through(new BoxedMapMaker().Make(CodecJson.Default.DictionaryStringPair, key, element), map));
        Assert.Throws<PayloadException>(() => Through(new BoxedSequenceMaker().Make(CodecJson.Default.ImmutableArrayPair, element), pairs.ToImmutableArray()));

        static object Through(MessagePackConverter converter, object value)
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new MessagePackWriter(output);
            converter.WriteObject(ref writer, value);
            writer.Flush();
            var reader = new MessagePackReader(output.WrittenSpan);
            return converter.ReadObject(ref reader);
        }
    }

    [Fact]
    public void Random_values_survive()
    {
        const int Seed = 8;
        var random = new Random(Seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        for (var round = 0; round < 5_000; round++)
        {
            var value = RandomValues.Next(random, depth: 4);
            var bytes = Codec.Serialize(value);
            var read = Codec.Deserialize<object>(bytes);
            Assert.True(RandomValues.AreEqual(value, read), $"seed {Seed}, round {round}: {Convert.ToHexString(bytes)}");
            Assert.Equal(bytes, Codec.Serialize(read));
        }
    }

    private static byte[] Encode<T>(T value, JsonTypeInfo<T> contract)
    {
        var output = new ArrayBufferWriter<byte>();
        Codec.Encode(output, value, contract);
        return output.WrittenSpan.ToArray();
    }

    private static JsonTypeInfo<T> Web<T>() => (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);

    private sealed class Picky(int evens)
    {
        public int Evens { get; } = evens % 2 == 0 ? evens : throw new ArgumentException("why not even?");
    }

    private sealed class PairConverter : MessagePackConverter<Pair>
    {
        public override void Write(ref MessagePackWriter writer, Pair value)
        {
            writer.WriteArrayHeader(2);
            writer.WriteInteger(value.X);
            writer.WriteInteger(value.Y);
        }

        public override Pair Read(ref MessagePackReader reader) => reader.ReadArrayHeader() == 2
            ? new Pair { X = reader.ReadInteger<int>(), Y = reader.ReadInteger<int>() }
            : throw new PayloadException("A pair has two parts.");
    }
}

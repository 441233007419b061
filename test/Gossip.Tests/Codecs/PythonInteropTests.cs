using System.Text.Json;
using Xunit;

namespace Gossip.Tests.Codecs;

/// <summary>What one library writes the other reads, in both directions.</summary>
public sealed class PythonInteropTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Python_reads_what_a_record_is_and_what_it_writes_of_it_is_that_record()
    {
        const string Script = """
            import sys, msgpack
            d = msgpack.unpackb(bytes.fromhex(sys.stdin.read()), raw=False, strict_map_key=False, timestamp=0)
            def check(name, value):
                assert d[name] == value and type(d[name]) is type(value), (name, d[name], value)
            check("Bool", True)
            check("SByte", -100)
            check("Byte", 200)
            check("Short", -30000)
            check("UShort", 60000)
            check("Int", -2**31)
            check("UInt", 2**32 - 1)
            check("Long", -2**63)
            check("ULong", 2**64 - 1)
            check("Char", 0xdf)
            check("Float", 1.25)
            check("Double", 3.141592653589793)
            check("Decimal", "79228162514264337593543950335")
            check("Text", "gr\u00fc\u00df \U0001f600")
            check("Bytes", b"\x01\x02\x03")
            check("Memory", b"\x04\x05")
            check("Shade", 200)
            check("MaybeShade", 1)
            check("Nothing", None)
            check("Date", msgpack.Timestamp(1785373323, 4000000))
            check("Offset", [msgpack.Timestamp(1785373323, 0), -330])
            check("Span", -15000)
            check("Guid", "00112233-4455-6677-8899-aabbccddeeff")
            check("Uri", "/a?b=c")
            check("Version", "1.2.3")
            check("Array", [1, -1, 300])
            check("List", ["a", None, ""])
            check("Pairs", [{"X": 1, "Y": 2}, {"X": 0, "Y": 0}])
            check("Dictionary", {"a": 1, "b": -2})
            check("ByNumber", {1: "one", -70000: "far"})
            check("Deep", {"d": [[1], []]})
            check("Small", {"Number": 7, "Item": None, "Extra": "x", "Sum": 14.0})
            print(msgpack.packb(d, use_bin_type=True).hex())
            """;
        var sample = Everything.Sample();
        var lines = await Python.RunAsync(Script, Convert.ToHexString(MessagePackCodec.Default.Serialize(sample)), Token);
        var read = MessagePackCodec.Default.Deserialize<Everything>(Convert.FromHexString(Assert.Single(lines)));
        Assert.Equal(JsonSerializer.Serialize(sample), JsonSerializer.Serialize(read));
    }

    /// <summary>Python writes each value in its shortest form as well, so what we write of it must be the same bytes.</summary>
    [Fact]
    public async Task All_kinds_of_values_that_Python_writes_are_read_and_written_again_to_the_same_bytes()
    {
        const string Script = """
            import msgpack
            numbers = [n + d for n in [0, 2**5, 2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**63 - 1] for d in [-1, 0, 1]]
            values = [None, True, False, 2**64 - 1, -2**63] + numbers + [-n for n in numbers]
            values += [0.0, -0.0, 1.5, 1e300, float("inf"), float("-inf")]
            values += ["x" * n for n in [0, 1, 31, 32, 255, 256, 65535, 65536]] + ["\u20ac\U0001f600"]
            values += [b"x" * n for n in [0, 1, 255, 256, 65535, 65536]]
            values += [[n % 100 for n in range(c)] for c in [0, 1, 15, 16, 65535, 65536]]
            values += [{str(n): n for n in range(c)} for c in [0, 1, 15, 16, 65535, 65536]]
            values += [[[[]], {"a": {"b": [None]}}], {1: 2, -1: [3]}, {True: 1.5}]
            values += [msgpack.Timestamp(s, n) for s, n in [(0, 0), (2**32 - 1, 0), (2**32, 0), (0, 100), (2**34 - 1, 999999900), (2**34, 0), (-1, 999999900)]]
            for value in values:
                print(msgpack.packb(value, use_bin_type=True).hex())
            """;
        var lines = await Python.RunAsync(Script, "", Token);
        Assert.True(lines.Length > 80, $"{lines.Length}");
        foreach (var line in lines.Where(static line => line != "c0"))
        {
            var bytes = Convert.FromHexString(line);
            var value = MessagePackCodec.Default.Deserialize<object>(bytes);
            Assert.Equal(line, Convert.ToHexStringLower(MessagePackCodec.Default.Serialize(value)));
        }
    }

    [Fact]
    public async Task Extensions_and_random_values_come_back_from_Python_as_they_were()
    {
        const string Script = """
            import sys, msgpack
            for line in sys.stdin:
                value = msgpack.unpackb(bytes.fromhex(line), raw=False, strict_map_key=False, timestamp=0, max_ext_len=2**20)
                print(msgpack.packb(value, use_bin_type=True).hex())
            """;
        const int Seed = 9;
        var random = new Random(Seed);
        List<string> lines = [.. Enumerable.Range(0, 500).Select(_ => Convert.ToHexStringLower(MessagePackCodec.Default.Serialize(RandomValues.Next(random, 3))))];
        foreach (var size in (int[])[0, 1, 2, 3, 4, 8, 16, 17, 255, 256, 65535, 65536])
        {
            lines.Add(Convert.ToHexStringLower(MessagePackBytes.Write(static (ref MessagePackWriter writer, int count) => writer.WriteExtension(42, new byte[count]), size)));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        Assert.Equal(lines, await Python.RunAsync(Script, string.Join('\n', lines), Token));
    }
}

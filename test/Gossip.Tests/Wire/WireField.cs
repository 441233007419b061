using FsCheck;
using FsCheck.Fluent;
using Gossip.Wire;

namespace Gossip.Tests.Wire;

/// <summary>One field as a test describes it: a number, eight bytes, bytes, or a nested message.</summary>
internal abstract record WireField(int Number)
{
    public const int MaxNumber = (1 << 29) - 1;
    private const int Depth = 3;

    public static Gen<WireField[]> Sequences => Fields(Depth);

    public abstract void Write(ref WireWriter writer);

    public abstract void Check(ref WireReader reader);

    private static Gen<WireField[]> Fields(int depth)
    {
        var number = Gen.Elements(1, 2, 15, 16, 2047, 2048, MaxNumber);
        var value = Gen.OneOf(
            ArbMap.Default.GeneratorFor<DoNotSize<ulong>>().Select(v => v.Item),
            Gen.Choose(0, 63).Select(bit => 1UL << bit),
            Gen.Choose(1, 63).Select(bit => (1UL << bit) - 1));
        var leaf = Gen.OneOf(
            from n in number from v in value select (WireField)new Varint(n, v),
            from n in number from v in value select (WireField)new Fixed(n, v),
            from n in number from v in ArbMap.Default.GeneratorFor<byte[]>() select (WireField)new Blob(n, v));
        var field = depth == 0
            ? leaf
            : Gen.Frequency((3, leaf), (1, from n in number from inner in Gen.Sized(_ => Fields(depth - 1)) select (WireField)new Nested(n, inner)));
        return Gen.ArrayOf(field);
    }

    private void Expect(ref WireReader reader, WireType type)
    {
        if (!reader.Next() || reader.Field != Number || reader.Type != type)
        {
            throw new InvalidDataException($"Expected field {Number} as {type}, read field {reader.Field} as {reader.Type}.");
        }
    }

    private static void Same<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidDataException($"Expected {expected}, read {actual}.");
        }
    }

    /// <summary>A number, zero included, which <see cref="WireWriter.Number(int, ulong)"/> would leave out.</summary>
    private sealed record Varint(int Number, ulong Value) : WireField(Number)
    {
        public override void Write(ref WireWriter writer)
        {
            writer.Key(Number, WireType.Varint);
            writer.Varint(Value);
        }

        public override void Check(ref WireReader reader)
        {
            Expect(ref reader, WireType.Varint);
            Same(Value, reader.Number);
        }
    }

    private sealed record Fixed(int Number, ulong Value) : WireField(Number)
    {
        public override void Write(ref WireWriter writer) => writer.Fixed64(Number, Value);

        public override void Check(ref WireReader reader)
        {
            Expect(ref reader, WireType.Fixed64);
            Same(Value, reader.Number);
        }
    }

    private sealed record Blob(int Number, byte[] Value) : WireField(Number)
    {
        public override void Write(ref WireWriter writer) => writer.Bytes(Number, Value);

        public override void Check(ref WireReader reader)
        {
            Expect(ref reader, WireType.Bytes);
            Same(Convert.ToHexString(Value), Convert.ToHexString(reader.Bytes));
        }
    }

    private sealed record Nested(int Number, WireField[] Inner) : WireField(Number)
    {
        public override void Write(ref WireWriter writer)
        {
            var mark = writer.Begin(Number);
            foreach (var field in Inner)
            {
                field.Write(ref writer);
            }

            writer.End(mark);
        }

        public override void Check(ref WireReader reader)
        {
            Expect(ref reader, WireType.Bytes);
            var inner = new WireReader(reader.Bytes);
            foreach (var field in Inner)
            {
                field.Check(ref inner);
            }

            Same(false, inner.Next());
            Same(false, inner.Malformed);
        }
    }
}

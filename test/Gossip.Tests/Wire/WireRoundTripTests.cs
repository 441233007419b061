using FsCheck;
using FsCheck.Fluent;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>What is written is what is read. A failure prints the seed with which FsCheck repeats it.</summary>
public class WireRoundTripTests
{
    private const int BufferSize = 64 * 1024;

    [Fact]
    public void Any_sequence_of_fields_comes_back_as_it_was_written() =>
        Prop.ForAll(WireField.Sequences.ToArbitrary(), fields =>
        {
            var reader = new WireReader(Written(fields));
            foreach (var field in fields)
            {
                field.Check(ref reader);
            }

            return !reader.Next() && !reader.Malformed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_buffer_of_any_smaller_size_overflows_and_can_be_rolled_back() =>
        Prop.ForAll(WireField.Sequences.Where(fields => fields.Length > 0).ToArbitrary(), fields =>
        {
            var whole = Written(fields);
            for (var size = 0; size < whole.Length; size++)
            {
                var writer = new WireWriter(new byte[size]);
                WriteAll(ref writer, fields);
                if (!writer.Overflowed || writer.Position > size)
                {
                    return false;
                }

                writer.Rollback(0);
                if (writer.Overflowed || writer.Position != 0 || writer.Remaining != size)
                {
                    return false;
                }
            }

            var exact = new WireWriter(new byte[whole.Length]);
            WriteAll(ref exact, fields);
            return !exact.Overflowed && exact.Remaining == 0 && exact.Written.SequenceEqual(whole);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_prefix_of_fields_is_a_prefix_of_the_walk_and_never_more() =>
        Prop.ForAll(WireField.Sequences.ToArbitrary(), fields =>
        {
            var whole = Written(fields);
            for (var length = 0; length < whole.Length; length++)
            {
                var reader = new WireReader(whole.AsSpan(0, length));
                var count = 0;
                while (reader.Next())
                {
                    count++;
                }

                var complete = Written(fields[..count]).Length == length;
                if (count > fields.Length || reader.Malformed == complete)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static byte[] Written(WireField[] fields)
    {
        var writer = new WireWriter(new byte[BufferSize]);
        WriteAll(ref writer, fields);
        Assert.False(writer.Overflowed);
        return writer.Written.ToArray();
    }

    private static void WriteAll(ref WireWriter writer, WireField[] fields)
    {
        foreach (var field in fields)
        {
            field.Write(ref writer);
        }
    }
}

using System.Collections.Immutable;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>News as bytes.</summary>
internal sealed class NewsFormat(ValueFormat values)
{
    private const int BaseField = 1;
    private const int BatchField = 2;
    private const int FullField = 3;
    private const int AfterField = 4;

    public static void Write(ref WireWriter writer, int field, News news)
    {
        var mark = writer.Begin(field);
        AgreementFields.Write(ref writer, BaseField, news.Base);
        foreach (var batch in news.Batches)
        {
            writer.Bytes(BatchField, batch.Encoded.Span);
        }

        if (news.Full is not null)
        {
            writer.Bytes(FullField, news.Full.Encoded.Span);
        }

        AgreementFields.Write(ref writer, AfterField, news.After);
        writer.End(mark);
    }

    public static int SizeHint(News news) => Overhead + (news.Full?.Encoded.Length ?? 0) + news.Batches.Sum(batch => batch.Encoded.Length + Overhead);

    public bool TryRead(ReadOnlySpan<byte> bytes, out News news)
    {
        Position start = default, after = default;
        var batches = ImmutableArray.CreateBuilder<Batch>();
        RegisterValue? full = null;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case BaseField:
                    good = AgreementFields.TryReadPosition(reader.Bytes, out start);
                    break;
                case BatchField:
                    good = BatchFormat.TryRead(reader.Bytes, out var batch);
                    batches.Add(batch);
                    break;
                case FullField:
                    good = values.TryRead(reader.Bytes, out full);
                    break;
                case AfterField:
                    good = AgreementFields.TryReadPosition(reader.Bytes, out after);
                    break;
            }
        }

        news = new News(start, batches.ToImmutable(), full, after);
        return good && !reader.Malformed;
    }

    private const int Overhead = 256;
}

using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Wire;

namespace Gossip.Tables;

/// <summary>Tables, their changes and their answers as bytes.</summary>
internal sealed class TableFormat : IRegisterFormat
{
    private const int KindField = 1;
    private const int VersionField = 2;
    private const int StampField = 3;
    private const int RowField = 4;
    private const int FloorField = 5;
    private const int KeyField = 1;
    private const int ValueField = 2;
    private const int RowStampField = 3;
    private const int TerminalField = 4;
    private const int Overhead = 64;

    private enum Kind
    {
        None = 0,
        Insert = 1,
        Update = 2,
        Remove = 3,
        Clear = 4,
        Restore = 5,
    }

    public static TableFormat Instance { get; } = new();

    public IRegisterState Empty => TableState.Empty;

    public static byte[] Encode(TableState table) => WireEncoding.Encode(
        table,
        static (ref WireWriter writer, TableState item) =>
        {
            Write(ref writer, item.Version);
            foreach (var (key, row) in item.Rows)
            {
                WriteRow(ref writer, key, row.Value.Span, row.Stamp, row.IsTerminal);
            }
        },
        table.Bytes + (table.Rows.Count * Overhead) + Overhead);

    public static byte[] Encode(in TableResult result) => WireEncoding.Encode(
        result,
        static (ref WireWriter writer, TableResult item) =>
        {
            writer.Number(KindField, (int)item.Outcome);
            Write(ref writer, item.Version);
        },
        Overhead);

    public static byte[] Encode(TableChange change) => WireEncoding.Encode(change, Write);

    public static bool TryReadResult(ReadOnlySpan<byte> bytes, out TableResult result)
    {
        var good = TryRead(bytes, out var fields, rows: null);
        result = new TableResult((TableOutcome)fields.Kind, fields.Version);
        return good && fields.Kind <= (int)TableOutcome.Unknown;
    }

    public static bool TryReadChange(ReadOnlySpan<byte> bytes, out TableChange change)
    {
        change = null!;
        List<(string Key, StoredRow Row)> rows = [];
        if (!TryRead(bytes, out var fields, rows))
        {
            return false;
        }

        change = ((Kind)fields.Kind, rows) switch
        {
            (Kind.Insert, [var (key, row)]) => new InsertRow(fields.Version, key, row.Value, row.IsTerminal, fields.Floor),
            (Kind.Update, [var (key, row)]) => new UpdateRow(fields.Version, key, row.Stamp, row.Value, row.IsTerminal),
            (Kind.Remove, _) => new RemoveRows([.. rows.Select(row => (row.Key, row.Row.Stamp))]),
            (Kind.Clear, []) => new ClearTable(),
            (Kind.Restore, _) => new RestoreTable(fields.Version, [.. rows]),
            _ => null!,
        };
        return change is not null;
    }

    public bool TryRead(ReadOnlySpan<byte> bytes, out IRegisterState state)
    {
        List<(string Key, StoredRow Row)> rows = [];
        var good = TryRead(bytes, out var fields, rows);
        var builder = ImmutableSortedDictionary.CreateBuilder<string, StoredRow>(StringComparer.Ordinal);
        var size = 0L;
        foreach (var (key, row) in rows)
        {
            good &= builder.TryAdd(key, row);
            size += TableState.SizeOf(key, row.Value);
        }

        good &= size <= TableLimits.MaxBytes;
        state = good ? new TableState { Version = fields.Version, Rows = builder.ToImmutable(), Bytes = (int)size } : TableState.Empty;
        return good;
    }

    private static void Write(ref WireWriter writer, TableChange change)
    {
        switch (change)
        {
            case InsertRow insert:
                writer.Number(KindField, (int)Kind.Insert);
                Write(ref writer, insert.Expected);
                WriteRow(ref writer, insert.Key, insert.Value.Span, 0, insert.IsTerminal);
                writer.Number(FloorField, insert.Floor);
                break;
            case UpdateRow update:
                writer.Number(KindField, (int)Kind.Update);
                Write(ref writer, update.Expected);
                WriteRow(ref writer, update.Key, update.Value.Span, update.RowStamp, update.IsTerminal);
                break;
            case RemoveRows remove:
                writer.Number(KindField, (int)Kind.Remove);
                foreach (var (key, stamp) in remove.Rows)
                {
                    WriteRow(ref writer, key, default, stamp, isTerminal: false);
                }

                break;
            case RestoreTable restore:
                writer.Number(KindField, (int)Kind.Restore);
                Write(ref writer, restore.Version);
                foreach (var (key, row) in restore.Rows)
                {
                    WriteRow(ref writer, key, row.Value.Span, row.Stamp, row.IsTerminal);
                }

                break;
            case ClearTable:
                writer.Number(KindField, (int)Kind.Clear);
                break;
        }
    }

    private static void Write(ref WireWriter writer, in TableVersion version)
    {
        writer.Number(VersionField, version.Number);
        writer.Number(StampField, (ulong)version.Stamp);
    }

    private static void WriteRow(ref WireWriter writer, string key, ReadOnlySpan<byte> value, long stamp, bool isTerminal)
    {
        var mark = writer.Begin(RowField);
        writer.Text(KeyField, key);
        writer.Bytes(ValueField, value);
        writer.Number(RowStampField, (ulong)stamp);
        writer.Flag(TerminalField, isTerminal);
        writer.End(mark);
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out Fields fields, List<(string Key, StoredRow Row)>? rows)
    {
        fields = default;
        var number = 0;
        ulong stamp = 0;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case KindField:
                    reader.Read(ref fields.Kind);
                    break;
                case VersionField:
                    reader.Read(ref number);
                    break;
                case StampField:
                    reader.Read(ref stamp);
                    break;
                case RowField when rows is not null:
                    good = TryReadRow(reader.Bytes, rows);
                    break;
                case FloorField:
                    reader.Read(ref fields.Floor);
                    break;
            }
        }

        fields.Version = new TableVersion(number, (long)stamp);
        return good && !reader.Malformed && stamp <= long.MaxValue;
    }

    private static bool TryReadRow(ReadOnlySpan<byte> bytes, List<(string Key, StoredRow Row)> rows)
    {
        var key = "";
        ReadOnlySpan<byte> value = default;
        ulong stamp = 0;
        var isTerminal = false;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case KeyField:
                    reader.Read(ref key, TableLimits.MaxKeyBytes);
                    break;
                case ValueField:
                    reader.Read(ref value);
                    break;
                case RowStampField:
                    reader.Read(ref stamp);
                    break;
                case TerminalField:
                    reader.Read(ref isTerminal);
                    break;
            }
        }

        // Text that is no UTF-8 would come back as another key than it went.
        var good = !reader.Malformed && stamp <= long.MaxValue && value.Length <= TableLimits.MaxRowBytes && !key.Contains('\uFFFD', StringComparison.Ordinal);
        if (good)
        {
            rows.Add((key, new StoredRow(value.ToArray(), (long)stamp, isTerminal)));
        }

        return good;
    }

    private struct Fields
    {
        public int Kind;
        public TableVersion Version;
        public int Floor;
    }
}

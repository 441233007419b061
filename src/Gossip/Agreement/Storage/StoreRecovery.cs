using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>
/// Reads a store after a start. What a crash can leave is put right: a log that ends in a torn frame is cut, a file that nothing refers to is ignored.
/// Anything else is damage, and refused, since an acceptor that forgot a promise could help to undo a decision.
/// </summary>
internal sealed class StoreRecovery(StoreDirectory directory, RecordFormat format)
{
    private const int RecordField = 1;

    private readonly List<AcceptorRecord> _records = [];

    public StoreContents Run()
    {
        var checkpoint = directory.ReadCheckpoint();
        if (checkpoint is null)
        {
            // The identity counts no start before there is a checkpoint: so this is a new store, or one that a crash kept from being made.
            return directory.Identity.Boots == 0 ? Create() : throw directory.Damaged("checkpoint", "is missing");
        }

        if (!LogFrame.TryRead(checkpoint, out var number, out var inner) || !LogFrame.TryRead(inner, out var sequence, out var record) || !format.TryRead(record, out var first))
        {
            throw directory.Damaged("checkpoint", "cannot be read");
        }

        _records.Add(first);
        var log = directory.ReadLog(number) ?? throw directory.Damaged($"log-{number}", "is missing");
        var (length, next) = Replay(log, number, sequence);
        return new StoreContents(_records, number, length, next);
    }

    /// <summary>Before the first checkpoint no record was ever safe.</summary>
    private StoreContents Create()
    {
        directory.CreateLog(0).Dispose();
        directory.WriteCheckpoint(0, 0, RecordFormat.Encode(new CheckpointRecord(default, default, default, default, null)));
        return new StoreContents([], 0, 0, 0);
    }

    private (long Length, long Sequence) Replay(ReadOnlySpan<byte> log, long number, long sequence)
    {
        var position = 0;
        while (position < log.Length)
        {
            if (!LogFrame.TryRead(log[position..], out var found, out var payload) || found != sequence)
            {
                if (HoldsFrame(log[(position + 1)..], sequence))
                {
                    throw directory.Damaged($"log-{number}", $"is damaged at byte {position}, with sound records after it");
                }

                break;
            }

            ReadRecords(payload, number, position);
            position += LogFrame.HeaderSize + payload.Length;
            sequence++;
        }

        // What was read may be in memory only, and gone after the next loss of power: a flush that failed leaves it there, and marked as written (Rebello et al. 2020).
        directory.RewriteLog(number, log[..position]);
        return (position, sequence);
    }

    private void ReadRecords(ReadOnlySpan<byte> payload, long number, int position)
    {
        var reader = new WireReader(payload);
        while (reader.Next())
        {
            if (reader.Field == RecordField)
            {
                _records.Add(format.TryRead(reader.Bytes, out var record) ? record : throw Unreadable(number, position));
            }
        }

        if (reader.Malformed)
        {
            throw Unreadable(number, position);
        }
    }

    private TableStoreException Unreadable(long number, int position) =>
        directory.Damaged($"log-{number}", $"holds a record at byte {position} that is sound but means nothing");

    /// <summary>Whether a later frame of the same log follows: then the bad one was safe once, and no crash tore it.</summary>
    private static bool HoldsFrame(ReadOnlySpan<byte> rest, long after)
    {
        for (var i = 0; i + LogFrame.HeaderSize <= rest.Length; i++)
        {
            if (LogFrame.TryRead(rest[i..], out var sequence, out _) && sequence > after)
            {
                return true;
            }
        }

        return false;
    }
}

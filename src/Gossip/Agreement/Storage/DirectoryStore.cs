using Gossip.Wire;
using Microsoft.Win32.SafeHandles;

namespace Gossip.Agreement;

/// <summary>
/// Keeps an acceptor in a directory: a checkpoint, and a log of what came after. Records are safe when the log is flushed; a checkpoint
/// takes the place of the log when that has grown large, by a new file and a rename, so that a crash at any point leaves one or the other.
/// </summary>
internal sealed class DirectoryStore : IAcceptorStore
{
    /// <summary>A log of this size is replaced by a checkpoint.</summary>
    private const long CheckpointBytes = 1024 * 1024;

    private const int RecordField = 1;
    private const int Overhead = 16;

    private readonly StoreDirectory _directory;
    private readonly long _checkpointBytes;
    private SafeFileHandle _log;
    private long _logBytes;
    private long _logNumber;
    private long _sequence;
    private TableStoreException? _failure;

    private DirectoryStore(StoreDirectory directory, StoreContents contents, long checkpointBytes)
    {
        _directory = directory;
        _checkpointBytes = checkpointBytes;
        Id = directory.Identity.Store;
        (Recovered, _logNumber, _logBytes, _sequence) = contents;
        directory.CountBoot();
        _log = directory.OpenLog(_logNumber);
    }

    public Guid Id { get; }

    public bool IsDurable => true;

    public IReadOnlyList<AcceptorRecord> Recovered { get; }

    /// <summary>How often this store was opened, this time included.</summary>
    public long Boots => _directory.Identity.Boots;

    /// <summary>Opens the store in a directory, or creates it.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="node">The node that it belongs to.</param>
    /// <param name="newId">The identity of a store that is created.</param>
    /// <param name="values">Reads what is kept.</param>
    /// <param name="checkpointBytes">How large a log may grow.</param>
    /// <exception cref="TableStoreException">The directory cannot be used; the message says why, and what to do.</exception>
    public static DirectoryStore Open(string path, NodeId node, Guid newId, ValueFormat values, long checkpointBytes = CheckpointBytes)
    {
        var directory = StoreDirectory.Open(path, node, newId);
        try
        {
            var contents = new StoreRecovery(directory, new RecordFormat(values)).Run();
            _ = Acceptor.Restore(new AcceptorId(node, directory.Identity.Store), contents.Records); // sound records that do not fit each other are damage, too
            return new DirectoryStore(directory, contents, checkpointBytes);
        }
        catch (Exception e)
        {
            directory.Dispose();
            if (e is InvalidDataException)
            {
                throw directory.Damaged("log", $"does not fit what came before it: {e.Message}");
            }

            if (e is not (IOException or UnauthorizedAccessException))
            {
                throw;
            }

            throw directory.Unwritable(e);
        }
    }

    public ValueTask AppendAsync(IReadOnlyList<AcceptorRecord> records, Func<CheckpointRecord> checkpoint, CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        try
        {
            var frame = LogFrame.Encode(_sequence, Encode(records));
            RandomAccess.Write(_log, frame, _logBytes);
            RandomAccess.FlushToDisk(_log);
            _logBytes += frame.Length;
            _sequence++;
            if (_logBytes >= _checkpointBytes)
            {
                ReplaceLog(checkpoint());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What a failed flush left on the disk nobody can know, and a later one that succeeds says nothing about it (Rebello et al. 2020).
            _failure = _directory.Unwritable(e);
            throw _failure;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Makes sure that the store is never opened again: another copy of it was in use.</summary>
    public void Supersede()
    {
        try
        {
            _directory.Supersede();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _directory.Unwritable(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The records of one write.</summary>
    public static byte[] Encode(IReadOnlyList<AcceptorRecord> records)
    {
        var encoded = records.Select(RecordFormat.Encode).ToList();
        return WireEncoding.Encode(
            encoded,
            static (ref WireWriter writer, List<byte[]> items) =>
            {
                foreach (var item in items)
                {
                    writer.Bytes(RecordField, item);
                }
            },
            encoded.Sum(item => item.Length + Overhead));
    }

    private void ReplaceLog(CheckpointRecord checkpoint)
    {
        var next = _logNumber + 1;
        var log = _directory.CreateLog(next);
        try
        {
            _directory.WriteCheckpoint(next, _sequence, RecordFormat.Encode(checkpoint));
        }
        catch
        {
            log.Dispose();
            throw;
        }

        _log.Dispose();
        (_log, _logNumber, _logBytes) = (log, next, 0);
        _directory.DeleteLogsBefore(next);
    }
}

/// <summary>What was found in a directory.</summary>
/// <param name="Records">In order: a checkpoint, and what came after.</param>
/// <param name="LogNumber">The log that goes on.</param>
/// <param name="LogBytes">Its undamaged length.</param>
/// <param name="Sequence">That of its next frame.</param>
internal sealed record StoreContents(IReadOnlyList<AcceptorRecord> Records, long LogNumber, long LogBytes, long Sequence);

using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Gossip.Agreement;

/// <summary>
/// The files of a store: who owns it, the lock that keeps a second process out, one checkpoint, and the log that follows it. A file that is replaced is
/// written under another name, flushed and renamed, and the directory is flushed, so that a crash leaves the old one or the new one.
/// </summary>
internal sealed class StoreDirectory : IDisposable
{
    private const string LockName = "lock";
    private const string IdentityName = "identity";
    private const string CheckpointName = "checkpoint";
    private const string LogPrefix = "log-";
    private const string TemporarySuffix = ".tmp";

    /// <summary>What the systems say of a file that another process has locked: ERROR_SHARING_VIOLATION, and EAGAIN of Linux and of the BSDs.</summary>
    private static readonly int[] LockedErrors = [unchecked((int)0x80070020), 11, 35];

    private readonly string _path;
    private readonly FileStream _lock;

    private StoreDirectory(string path, FileStream held, StoreIdentity identity) => (_path, _lock, Identity) = (path, held, identity);

    public StoreIdentity Identity { get; private set; }

    /// <summary>Opens a directory for this process alone, or creates it.</summary>
    public static StoreDirectory Open(string path, NodeId node, Guid newId)
    {
        path = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = Lock(path);
            var isNew = !File.Exists(Path.Combine(path, IdentityName));
            var opened = new StoreDirectory(path, held, Identify(path, node, newId));
            if (isNew)
            {
                opened.Identify(opened.Identity);
            }

            return opened;
        }
        catch (Exception e)
        {
            held?.Dispose();
            if (e is not (IOException or UnauthorizedAccessException))
            {
                throw;
            }

            throw Unwritable(path, e);
        }
    }

    public TableStoreException Unwritable(Exception inner) => Unwritable(_path, inner);

    public TableStoreException Damaged(string file, string what) => Damaged(_path, file, what);

    /// <summary>Notes that the store was opened: what it must not forget was found, or made.</summary>
    public void CountBoot() => Identify(Identity with { Boots = Identity.Boots + 1 });

    /// <summary>Notes for ever that another copy of the store was in use.</summary>
    public void Supersede() => Identify(Identity with { IsSuperseded = true });

    public byte[]? ReadCheckpoint() => ReadIfThere(Path.Combine(_path, CheckpointName));

    /// <summary>Makes a checkpoint the start of everything, followed by a log.</summary>
    public void WriteCheckpoint(long log, long sequence, ReadOnlySpan<byte> record) =>
        Replace(CheckpointName, LogFrame.Encode(log, LogFrame.Encode(sequence, record)));

    public byte[]? ReadLog(long number) => ReadIfThere(LogPath(number));

    public SafeFileHandle CreateLog(long number)
    {
        var log = File.OpenHandle(LogPath(number), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.FlushToDisk(log);
        DirectoryFlush.Flush(_path);
        return log;
    }

    public SafeFileHandle OpenLog(long number) => File.OpenHandle(LogPath(number), FileMode.Open, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>Writes anew what was read of a log, without what a crash left half written.</summary>
    public void RewriteLog(long number, ReadOnlySpan<byte> bytes) => Replace(Path.GetFileName(LogPath(number)), bytes);

    /// <summary>Deletes the logs that a checkpoint has taken the place of. One that stays does no harm.</summary>
    public void DeleteLogsBefore(long number)
    {
        foreach (var file in Directory.EnumerateFiles(_path, LogPrefix + "*"))
        {
            if (long.TryParse(Path.GetFileName(file)[LogPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var old) && old < number)
            {
                File.Delete(file);
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (LockedErrors.Contains(e.HResult))
        {
            throw new TableStoreException(
                TableStoreFailure.InUse,
                $"Another process uses the data directory '{path}'. Give each node a directory of its own, or stop the other process.",
                e);
        }
    }

    private static StoreIdentity Identify(string path, NodeId node, Guid newId)
    {
        var bytes = ReadIfThere(Path.Combine(path, IdentityName));
        if (bytes is null)
        {
            return File.Exists(Path.Combine(path, CheckpointName))
                ? throw Damaged(path, IdentityName, "is missing, while the rest is there")
                : new StoreIdentity(StoreIdentity.CurrentVersion, newId, node, Boots: 0);
        }

        if (!LogFrame.TryRead(bytes, out _, out var payload) || !StoreIdentity.TryRead(payload, out var identity))
        {
            throw Damaged(path, IdentityName, "cannot be read");
        }

        if (identity.Version > StoreIdentity.CurrentVersion)
        {
            throw new TableStoreException(
                TableStoreFailure.TooNew,
                $"The data directory '{path}' was written by a newer version of this library. Start that version, or give the node an empty directory.");
        }

        if (identity.Node != node)
        {
            throw new TableStoreException(
                TableStoreFailure.OfAnotherNode,
                $"The data directory '{path}' belongs to node {identity.Node}, and this is node {node}. A copied directory would vote twice: give this node an empty one, or configure its NodeId if only its address changed.");
        }

        return identity.IsSuperseded
            ? throw new TableStoreException(
                TableStoreFailure.Superseded,
                $"The data directory '{path}' is a copy: another one of it was in use since it was made, and what that one promised is not known here. Move it away and start the node with an empty one; the others give it the table.")
            : identity;
    }

    private static byte[]? ReadIfThere(string file) => File.Exists(file) ? File.ReadAllBytes(file) : null;

    private static TableStoreException Unwritable(string path, Exception inner) => new(
        TableStoreFailure.Unwritable,
        $"The data directory '{path}' cannot be used: {inner.Message} The node does not vote until it is restarted with a directory that it can write.",
        inner);

    private static TableStoreException Damaged(string path, string file, string what) => new(
        TableStoreFailure.Damaged,
        $"In the data directory '{path}' the file '{file}' {what}. No crash does this. To vote on with what is left could undo what was decided: move the directory away and start the node with an empty one; the others give it the table.");

    private string LogPath(long number) => Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"{LogPrefix}{number}"));

    private void Identify(StoreIdentity identity)
    {
        Replace(IdentityName, LogFrame.Encode(0, identity.Encode()));
        Identity = identity;
    }

    private void Replace(string name, ReadOnlySpan<byte> bytes)
    {
        var file = Path.Combine(_path, name);
        var temporary = file + TemporarySuffix;
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(temporary, file, overwrite: true);
        DirectoryFlush.Flush(_path);
    }
}

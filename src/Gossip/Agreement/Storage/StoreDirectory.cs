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

    private readonly string _path;
    private readonly FileStream _lock;

    private StoreDirectory(string path, FileStream held, StoreIdentity identity) => (_path, _lock, Identity) = (path, held, identity);

    public StoreIdentity Identity { get; }

    /// <summary>Opens a directory for this process alone, or creates it.</summary>
    public static StoreDirectory Open(string path, NodeId node, Guid newId)
    {
        path = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = Lock(path);
            var identity = Identify(path, node, newId);
            var opened = new StoreDirectory(path, held, identity);
            opened.Replace(IdentityName, LogFrame.Encode(0, identity.Encode()));
            return opened;
        }
        catch (Exception e)
        {
            held?.Dispose();
            throw e is (IOException or UnauthorizedAccessException) and not AcceptorStoreException ? Unwritable(path, e) : e;
        }
    }

    public AcceptorStoreException Unwritable(Exception inner) => Unwritable(_path, inner);

    public AcceptorStoreException Damaged(string file, string what) => Damaged(_path, file, what);

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

    /// <summary>Cuts off what a crash left half written.</summary>
    public void CutLog(long number, long length)
    {
        using var log = OpenLog(number);
        RandomAccess.SetLength(log, length);
        RandomAccess.FlushToDisk(log);
    }

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
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(Path.Combine(path, LockName)))
        {
            throw new AcceptorStoreException(
                AcceptorStoreFailure.InUse,
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
                : new StoreIdentity(StoreIdentity.CurrentVersion, newId, node, Boots: 1);
        }

        if (!LogFrame.TryRead(bytes, out _, out var payload) || !StoreIdentity.TryRead(payload, out var identity))
        {
            throw Damaged(path, IdentityName, "cannot be read");
        }

        if (identity.Version > StoreIdentity.CurrentVersion)
        {
            throw new AcceptorStoreException(
                AcceptorStoreFailure.TooNew,
                $"The data directory '{path}' was written by a newer version of this library. Start that version, or give the node an empty directory.");
        }

        if (identity.Node != node)
        {
            throw new AcceptorStoreException(
                AcceptorStoreFailure.OfAnotherNode,
                $"The data directory '{path}' belongs to node {identity.Node}, and this is node {node}. A copied directory would vote twice: give this node an empty one, or configure its NodeId if only its address changed.");
        }

        return identity with { Boots = identity.Boots + 1 };
    }

    private static byte[]? ReadIfThere(string file) => File.Exists(file) ? File.ReadAllBytes(file) : null;

    private static AcceptorStoreException Unwritable(string path, Exception inner) => new(
        AcceptorStoreFailure.Unwritable,
        $"The data directory '{path}' cannot be used: {inner.Message} The node does not vote until it is restarted with a directory that it can write.",
        inner);

    private static AcceptorStoreException Damaged(string path, string file, string what) => new(
        AcceptorStoreFailure.Damaged,
        $"In the data directory '{path}' the file '{file}' {what}. No crash does this. To vote on with what is left could undo what was decided: move the directory away and start the node with an empty one; the others give it the table.");

    private string LogPath(long number) => Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"{LogPrefix}{number}"));

    private void Replace(string name, byte[] bytes)
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

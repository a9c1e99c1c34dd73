using System.Collections.Concurrent;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>
/// Large files of a snapshot whose content is copied while their snapshot is packed already: who packs reads it where it is copied from. So a copy and the
/// archive of it take as long as the slower of both. <see cref="Finish"/> comes before anybody else sees the snapshot. Files are added by one thread.
/// </summary>
public sealed class LateContents : IDisposable
{
    /// <summary>Smaller files are copied at once.</summary>
    public const long Smallest = 1 << 20;

    // Each has two descriptors open.
    private const int MostWaiting = 64;

    private readonly ConcurrentDictionary<ulong, LateFile> _files = new();
    private readonly CancellationTokenSource _end = new();
    private Task _copying = Task.CompletedTask;
    private int _waiting;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _files.IsEmpty;

    /// <summary>Whether a file was packed that could not be told to be one of these: then all is to be packed again, after <see cref="Finish"/>.</summary>
    public bool WasMissed => _files.Values.Any(static file => file.IsMissed);

    /// <summary>Takes a file that is empty yet. Its length is set at once, its times when its content is there.</summary>
    /// <param name="from">What is copied; owned.</param>
    /// <param name="to">The file, open for writing; owned.</param>
    /// <param name="size">Its length in bytes.</param>
    /// <param name="modified">When its content last changed.</param>
    /// <exception cref="OsException">The disk is full.</exception>
    public void Add(Fd from, Fd to, long size, FileTime modified)
    {
        var file = new LateFile(from, to, size, modified);
        _files[FileStatusReader.Read(to).Inode] = file;
        FileData.SetLength(to, size);
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
            Finish();
        var before = _copying;
        _copying = Task.Run(async () =>
        {
            await before;
            _end.Token.ThrowIfCancellationRequested();
            file.Copy();
            Interlocked.Decrement(ref _waiting);
        });
    }

    /// <summary>Waits until all contents are there.</summary>
    /// <exception cref="OsException">One cannot be copied.</exception>
    public void Finish() => _copying.GetAwaiter().GetResult();

    /// <summary>Waits likewise, and forgets the files: before one of them is removed, as another may get its inode.</summary>
    /// <exception cref="OsException">One cannot be copied.</exception>
    public void Settle()
    {
        Finish();
        _files.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        Task.WhenAny(_copying).Wait();
        foreach (var file in _files.Values)
            file.Dispose();
        _end.Dispose();
    }

    /// <summary>What a file of the snapshot will be; null: it is what it looks like.</summary>
    internal LateFile? Find(in FileStatus status)
    {
        if (_files.IsEmpty || !status.IsRegular || !_files.TryGetValue(status.Inode, out var file))
            return null;
        file.IsMissed = false;
        return file;
    }
}

/// <summary>A file whose content is copied later.</summary>
internal sealed class LateFile(Fd from, Fd to, long size, FileTime modified) : IDisposable
{
    private readonly Lock _gate = new();
    private bool _isCopied;

    /// <summary>When its content last changed.</summary>
    internal FileTime Modified => modified;

    /// <summary>Whether nobody who packs has found it.</summary>
    internal bool IsMissed { get; set; } = true;

    /// <summary>Opens what is copied; null: it is copied.</summary>
    /// <exception cref="OsException">The limit of open files is reached.</exception>
    internal Fd? TryOpenSource()
    {
        lock (_gate)
        {
            return _isCopied ? null : FileOpener.Open(from.ProcPath, OpenFlags.ReadOnly);
        }
    }

    /// <exception cref="OsException">The kernel refused.</exception>
    internal void Copy()
    {
        DataCopier.Copy(from, to, size);
        if (FileMetadata.TrySetTimes(to, modified, modified) is var error && error != default)
            throw new OsException($"set the times of {to}", error);
        lock (_gate)
        {
            _isCopied = true;
            Dispose();
        }
    }

    public void Dispose()
    {
        from.Dispose();
        to.Dispose();
    }
}

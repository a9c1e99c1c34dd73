using System.IO.Compression;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// Compresses closed log files on a thread that lives as long as there are some. Names belong to the log's thread: the compressed file gets its own there,
/// wherever the original has been moved to meanwhile.
/// </summary>
/// <param name="writer">The log's thread.</param>
internal sealed class LogCompressor(LogWriter writer)
{
    /// <summary>What the name of a file ends with that is not finished.</summary>
    private const string Unfinished = ".gz-part";

    private const uint Mode = 0x1A0; // rw-r-----
    private readonly Queue<LogRequest> _waiting = [];
    private bool _runs;

    /// <summary>Compresses the closed files of a log that are not yet.</summary>
    public void Compress(LogRequest log)
    {
        lock (_waiting)
        {
            if (!_waiting.Contains(log))
                _waiting.Enqueue(log);
            if (_runs)
                return;
            _runs = true;
        }
        new Thread(Run, 256 * 1024) { Name = "log compressor", IsBackground = true }.Start();
    }

    private void Run()
    {
        while (true)
        {
            LogRequest log;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out log!))
                {
                    _runs = false;
                    return;
                }
            }
            try
            {
                CompressAll(log);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // It stays as it is, until the next file is closed. Of a container that was removed nothing is left to say.
                if (Directory.Exists(Path.GetDirectoryName(log.Path)))
                    Console.Error.WriteLine($"{log.Path}: a closed file cannot be compressed: {error.Message}");
                File.Delete(log.Path + Unfinished);
            }
        }
    }

    private void CompressAll(LogRequest log)
    {
        var names = new LogFileNames(log);
        var done = new HashSet<ulong>();
        for (var number = 1; number < log.MaxFiles; number++)
        {
            if (FileOpener.TryOpen(null, KernelPath.FromText(names.Of(number)), OpenFlags.ReadOnly, 0, out _) is not { } file)
                continue;
            using (file)
            {
                var status = FileStatusReader.Read(file);
                if (!done.Add(status.Inode))
                    continue; // Moved up meanwhile.
                WriteCompressed(file, log.Path + Unfinished, status);
                Replace(log, names, status.Inode);
            }
        }
    }

    private static void WriteCompressed(Fd file, string path, FileStatus status)
    {
        using var target = FileOpener.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, Mode);
        Span<byte> start = stackalloc byte[CompressedLog.Length];
        CompressedLog.Write(start, status.Inode);
        FileData.Write(target, start);
        using (var source = new FileStream(file.ProcPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var sink = new FileStream(target.ProcPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        using (var gzip = new GZipStream(sink, CompressionLevel.Fastest))
            source.CopyTo(gzip);
        // Readers see by the time what it cannot hold.
        FileMetadata.TrySetTimes(target, status.Modified, status.Modified);
    }

    /// <summary>Puts the compressed file in the place of the original, and waits until that is done.</summary>
    private void Replace(LogRequest log, LogFileNames names, ulong inode)
    {
        using var replaced = new ManualResetEventSlim();
        writer.Enqueue(() =>
        {
            try
            {
                Rename(log, names, inode);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"{log.Path}: a compressed file cannot be renamed: {error.Message}");
            }
            finally
            {
                replaced.Set();
            }
        });
        replaced.Wait();
    }

    private static void Rename(LogRequest log, LogFileNames names, ulong inode)
    {
        for (var number = 1; number < log.MaxFiles; number++)
        {
            if (FileStatusReader.TryRead(null, KernelPath.FromText(names.Of(number)), out _)?.Inode != inode)
                continue;
            File.Move(log.Path + Unfinished, names.Of(number) + LogFileNames.Compressed, overwrite: true);
            File.Delete(names.Of(number));
            return;
        }
        // There is no place for it any more.
        File.Delete(log.Path + Unfinished);
    }
}

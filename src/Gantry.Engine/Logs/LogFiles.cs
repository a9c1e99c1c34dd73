using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Logs;

/// <summary>The files of one log: the current one, and those it was rotated to, <c>.1</c> the latest.</summary>
/// <param name="path">The current one.</param>
internal sealed class LogFiles(string path)
{
    private const int Attempts = 100;

    /// <summary>
    /// Opens all files, the oldest first; none when the log does not exist. A rotation in between would have a file twice or not at all: then it
    /// is done again.
    /// </summary>
    /// <exception cref="OsException">A file cannot be read.</exception>
    internal List<LogSegment> OpenAll() => OpenFrom(stopBefore: null);

    /// <summary>
    /// After a rotation: the files that came after <paramref name="known"/>, the oldest first; none while it is still the current one. When it has been
    /// removed meanwhile, those that are left.
    /// </summary>
    /// <exception cref="OsException">A file cannot be read.</exception>
    internal List<LogSegment> OpenAfter(LogSegment known) =>
        CurrentInode() is { } inode && inode != known.Inode ? OpenFrom(known.Inode) : [];

    private List<LogSegment> OpenFrom(ulong? stopBefore)
    {
        for (var attempt = 0; ; attempt++)
        {
            var opened = new List<LogSegment>();
            // In the midst of a rotation there is no current file; there never will be, if the keeper died in it.
            var first = attempt == Attempts && CurrentInode() is null ? 1 : 0;
            for (var number = first; TryOpen(number) is { } segment && !IsKnown(segment, stopBefore); number++)
                opened.Add(segment);
            var stable = opened.Count > 0 ? CurrentInode() == opened[0].Inode : !File.Exists(path + ".1");
            if (stable || attempt == Attempts)
            {
                opened.Reverse();
                return opened;
            }
            opened.ForEach(segment => segment.Dispose());
            Thread.Sleep(1);
        }
    }

    private static bool IsKnown(LogSegment segment, ulong? inode)
    {
        if (segment.Inode != inode)
            return false;
        segment.Dispose();
        return true;
    }

    private LogSegment? TryOpen(int number) => number == 0
        ? LogSegment.TryOpen(path)
        : LogSegment.TryOpen($"{path}.{number}") ?? LogSegment.TryOpen($"{path}.{number}.gz", isCompressed: true);

    private ulong? CurrentInode() => FileStatusReader.TryRead(null, KernelPath.FromText(path), out _)?.Inode;
}

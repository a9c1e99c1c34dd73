using Gantry.Os;

namespace Gantry.Engine.Logs;

/// <summary>The files of one log: the current one, and those it was rotated to, <c>.1</c> the latest.</summary>
/// <remarks>
/// A rotation renames the oldest file first, so that a gap wanders down the chain of names while the files wander up, and none ever comes down again.
/// Hence who looks at the names one after another, upwards, meets every file that was there at the beginning: as long as a file was not met, its
/// name is one of those that were not looked at. It may meet a file twice, and one that is newer than the first; then the others are met again,
/// further up. So a file counts where it was met last. What has to be told apart is a gap from the end of the chain.
/// </remarks>
/// <param name="path">The current one.</param>
internal sealed class LogFiles(string path)
{
    /// <summary>Opens all files, the oldest first, without a gap between them; none when the log does not exist.</summary>
    /// <exception cref="OsException">A file cannot be read.</exception>
    internal List<LogSegment> OpenAll() => OpenFrom(stopBefore: null);

    /// <summary>
    /// After a rotation: the files that came after <paramref name="known"/>, the oldest first; none while it is still the current one. When it has been
    /// removed meanwhile, those that are left.
    /// </summary>
    /// <exception cref="OsException">A file cannot be read.</exception>
    internal List<LogSegment> OpenAfter(LogSegment known)
    {
        // Without a current file a rotation is under way, or never came to its end: what was the current one may be the latest still.
        using var newest = TryOpenNewest();
        return newest is null || newest.Inode == known.Inode ? [] : OpenFrom(known);
    }

    private List<LogSegment> OpenFrom(LogSegment? stopBefore)
    {
        var opened = new List<LogSegment>();
        for (var number = 0; ;)
        {
            using var before = TryOpenNewest();
            var missing = 0;
            for (; missing < 2; number++)
            {
                if (TryOpen(number) is not { } segment)
                    missing++;
                else if (stopBefore is not null && segment.IsSameAs(stopBefore))
                {
                    segment.Dispose();
                    return OldestFirst(opened);
                }
                else
                {
                    missing = 0;
                    Meet(opened, segment);
                }
            }
            // One rotation leaves one gap. Two names without a file are the end, unless they were looked at in two rotations.
            using var after = TryOpenNewest();
            if (after?.Inode == before?.Inode)
                return OldestFirst(opened);
            number -= missing;
        }
    }

    /// <summary>Adds it, behind the others also when it was met before. An open file's inode is not given to another.</summary>
    private static void Meet(List<LogSegment> opened, LogSegment segment)
    {
        var known = opened.FindIndex(segment.IsSameAs);
        if (known < 0)
        {
            opened.Add(segment);
            return;
        }
        segment.Dispose();
        opened.Add(opened[known]);
        opened.RemoveAt(known);
    }

    /// <summary>What was rotated away meanwhile could not be met again: it is older than all that is left.</summary>
    private static List<LogSegment> OldestFirst(List<LogSegment> opened)
    {
        opened.Reverse();
        return [.. opened.Where(segment => segment.IsDeleted), .. opened.Where(segment => !segment.IsDeleted)];
    }

    private LogSegment? TryOpenNewest() => TryOpen(0) ?? TryOpen(1);

    private LogSegment? TryOpen(int number) => number == 0
        ? LogSegment.TryOpen(path)
        : LogSegment.TryOpen($"{path}.{number}") ?? LogSegment.TryOpen($"{path}.{number}.gz", isCompressed: true);
}

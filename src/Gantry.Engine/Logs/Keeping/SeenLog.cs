using Gantry.Os.Files;

namespace Gantry.Engine.Logs.Keeping;

/// <summary>
/// The files of one log as they were seen last. To look again costs two system calls and no memory as long as nothing has happened: a host with hundreds
/// of silent containers has nothing to do.
/// </summary>
internal sealed class SeenLog
{
    private readonly LogPlace _place;
    private readonly byte[] _current, _folder;
    private FileStatus? _lastCurrent, _lastFolder;
    private bool _isSeen;

    public SeenLog(LogPlace place)
    {
        _place = place;
        _current = KernelPath.FromText(place.Path);
        _folder = KernelPath.FromText(Path.GetDirectoryName(place.Path)!);
    }

    /// <summary>The files, in no order.</summary>
    public IReadOnlyList<LogFileInfo> Files { get; private set; } = [];

    /// <summary>How large they are together.</summary>
    public long Length { get; private set; }

    /// <summary>Looks again.</summary>
    /// <returns>Whether there is something new.</returns>
    public bool Refresh()
    {
        // What is written changes the current file; what is rotated, compressed or deleted changes the folder.
        var folder = FileStatusReader.TryRead(null, _folder, out _);
        var current = FileStatusReader.TryRead(null, _current, out _);
        if (_isSeen && folder?.Modified == _lastFolder?.Modified && current?.Size == _lastCurrent?.Size && current?.Modified == _lastCurrent?.Modified)
            return false;
        (_lastFolder, _lastCurrent, _isSeen) = (folder, current, true);
        Files = List(_place);
        Length = Files.Sum(static file => file.Length);
        return true;
    }

    /// <summary>The files of a log, in no order.</summary>
    public static IReadOnlyList<LogFileInfo> List(LogPlace place)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(place.Path)!);
        if (!folder.Exists)
            return [];
        return [.. folder.EnumerateFiles(Path.GetFileName(place.Path) + "*").Where(static file => file.Exists)
            .Select(file => new LogFileInfo(file.FullName, file.Length, file.LastWriteTimeUtc, file.FullName == place.Path))];
    }
}

/// <summary>One file of a log.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="LastWriteTimeUtc">When it was written to last.</param>
/// <param name="IsCurrent">Whether it is the one that is written to.</param>
internal readonly record struct LogFileInfo(string Path, long Length, DateTime LastWriteTimeUtc, bool IsCurrent);

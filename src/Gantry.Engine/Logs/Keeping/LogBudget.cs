namespace Gantry.Engine.Logs.Keeping;

/// <summary>
/// How much room on the disk logs may take of containers that say nothing of it (no <c>max-size</c>). One container may take half of it: that its files are
/// rotated for, also while no daemon runs. That all together keep to it, and the logs of removed containers with them, is for <see cref="LogKeeper"/>.
/// </summary>
/// <param name="bytes">The bound; 0: there is none.</param>
public sealed class LogBudget(long bytes)
{
    private const long SmallestFile = 64 << 10, LargestFile = 64 << 20, Most = 10L << 30, Least = 64 << 20;
    private const int FilesOfBudget = 64, TenthOfDisk = 10;

    /// <summary>The bound in bytes; 0: there is none.</summary>
    public long Bytes => bytes;

    /// <summary>What a host has that does not say: a tenth of the disk, and 10 GiB at most.</summary>
    /// <param name="root">A folder on that disk.</param>
    public static LogBudget Standard(string root)
    {
        try
        {
            return new LogBudget(Math.Clamp(new DriveInfo(root).TotalSize / TenthOfDisk, Least, Most));
        }
        catch (IOException)
        {
            return new LogBudget(Most);
        }
    }

    /// <summary>When a container's files are closed, and how many there are at most.</summary>
    /// <param name="files">How many the container wants; 0: it does not say.</param>
    public (long Size, int Files) Share(int files)
    {
        if (bytes <= 0)
            return (0, Math.Max(files, 1));
        var size = Math.Clamp(bytes / FilesOfBudget, SmallestFile, LargestFile);
        var most = (int)Math.Max(bytes / 2 / size, 2);
        return (size, files > 0 ? Math.Min(files, most) : most);
    }
}

using System.Text;

namespace Gantry.Os.Files;

/// <summary>
/// Paths as the kernel takes them: bytes with a NUL at the end. File names on Linux are bytes, not text, and archives hold names that
/// are no UTF-8; the calls in this folder therefore take <c>ReadOnlySpan&lt;byte&gt;</c> without the NUL.
/// </summary>
public static class KernelPath
{
    /// <summary>PATH_MAX without the NUL: no longer path is taken by any call.</summary>
    public const int MaxLength = 4095;

    /// <summary>The directory that a relative path starts at when no descriptor is given (AT_FDCWD).</summary>
    internal const int AtWorkingDirectory = -100;

    /// <summary>The bytes of a path that is text.</summary>
    public static byte[] FromText(string path) => Encoding.UTF8.GetBytes(path);

    /// <summary>A path for messages; what is not UTF-8 is replaced, so this is not to be turned back into bytes.</summary>
    public static string ToText(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);

    internal static int Room(ReadOnlySpan<byte> path) => Math.Min(path.Length, MaxLength) + 1;

    /// <summary>Copies <paramref name="path"/> with a NUL behind it into <paramref name="buffer"/>, which has <see cref="Room"/> bytes.</summary>
    /// <exception cref="OsException">Longer than PATH_MAX (ENAMETOOLONG), or a NUL within (EINVAL), which would cut the path short.</exception>
    internal static Span<byte> Terminate(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        if (path.Length > MaxLength)
            throw new OsException($"path of {path.Length} bytes {ToText(path[..64])}...", Errno.ENAMETOOLONG);
        if (path.Contains((byte)0))
            throw new OsException($"path {ToText(path)}", Errno.EINVAL);
        path.CopyTo(buffer);
        buffer[path.Length] = 0;
        return buffer;
    }

    internal static int Directory(Fd? directory) => directory is null ? AtWorkingDirectory : directory.Number;
}

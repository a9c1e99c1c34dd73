using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// Making, naming and removing files: mkdirat, mknodat, symlinkat, linkat, unlinkat, renameat2, readlinkat. A null directory means that
/// the path is absolute or relative to the working directory. None follows a symbolic link at the end of a path.
/// </summary>
public static unsafe partial class FileNodes
{
    // Safe throughout: each path is NUL-terminated by KernelPath.Terminate and pinned over its call.

    /// <summary>Makes a directory (mkdirat(2)); <paramref name="mode"/> is subject to the umask.</summary>
    public static Errno TryMakeDirectory(Fd? directory, ReadOnlySpan<byte> path, uint mode)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(mkdirat(KernelPath.Directory(directory), name, mode));
    }

    /// <inheritdoc cref="TryMakeDirectory"/>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void MakeDirectory(Fd? directory, ReadOnlySpan<byte> path, uint mode)
        => Check(TryMakeDirectory(directory, path, mode), "make directory", path);

    /// <summary>Makes a device node, FIFO, socket or empty file (mknodat(2)).</summary>
    public static Errno TryMakeNode(Fd? directory, ReadOnlySpan<byte> path, FileKind kind, uint permissions, DeviceNumber device)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(mknodat(KernelPath.Directory(directory), name, (uint)kind | permissions, device.Packed));
    }

    /// <summary>Makes a symbolic link with the text <paramref name="target"/> (symlinkat(2)).</summary>
    public static Errno TryMakeSymbolicLink(ReadOnlySpan<byte> target, Fd? directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* text = KernelPath.Terminate(target, stackalloc byte[KernelPath.Room(target)]))
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(symlinkat(text, KernelPath.Directory(directory), name));
    }

    /// <inheritdoc cref="TryMakeSymbolicLink"/>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void MakeSymbolicLink(ReadOnlySpan<byte> target, Fd? directory, ReadOnlySpan<byte> path)
        => Check(TryMakeSymbolicLink(target, directory, path), "make symbolic link", path);

    /// <summary>Gives an existing file another name (linkat(2)); an existing symbolic link is itself linked.</summary>
    public static Errno TryLink(Fd? existingDirectory, ReadOnlySpan<byte> existing, Fd? directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* source = KernelPath.Terminate(existing, stackalloc byte[KernelPath.Room(existing)]))
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(linkat(KernelPath.Directory(existingDirectory), source, KernelPath.Directory(directory), name, 0));
    }

    /// <summary>Removes a name that is no directory (unlinkat(2)).</summary>
    public static Errno TryUnlink(Fd? directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(unlinkat(KernelPath.Directory(directory), name, 0));
    }

    /// <summary>Removes an empty directory (unlinkat(2) with AT_REMOVEDIR).</summary>
    public static Errno TryRemoveDirectory(Fd? directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(unlinkat(KernelPath.Directory(directory), name, AT_REMOVEDIR));
    }

    /// <summary>Renames (renameat2(2)); with <paramref name="replace"/> false an existing target is EEXIST.</summary>
    public static Errno TryRename(Fd? fromDirectory, ReadOnlySpan<byte> from, Fd? toDirectory, ReadOnlySpan<byte> to, bool replace)
    {
        fixed (byte* source = KernelPath.Terminate(from, stackalloc byte[KernelPath.Room(from)]))
        fixed (byte* target = KernelPath.Terminate(to, stackalloc byte[KernelPath.Room(to)]))
        {
            var flags = replace ? 0u : RENAME_NOREPLACE;
            return Result(renameat2(KernelPath.Directory(fromDirectory), source, KernelPath.Directory(toDirectory), target, flags));
        }
    }

    /// <inheritdoc cref="TryRename"/>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Rename(Fd? fromDirectory, ReadOnlySpan<byte> from, Fd? toDirectory, ReadOnlySpan<byte> to, bool replace = true)
        => Check(TryRename(fromDirectory, from, toDirectory, to, replace), $"rename {KernelPath.ToText(from)} to", to);

    /// <summary>The text of a symbolic link (readlinkat(2)), or null and the error (EINVAL: not a symbolic link).</summary>
    public static byte[]? TryReadLink(Fd? directory, ReadOnlySpan<byte> path, out Errno error)
    {
        Span<byte> buffer = stackalloc byte[KernelPath.MaxLength + 1];
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        fixed (byte* text = buffer)
        {
            var length = readlinkat(KernelPath.Directory(directory), name, text, (nuint)buffer.Length);
            error = length < 0 ? Libc.LastError : default;
            return length < 0 ? null : buffer[..(int)length].ToArray();
        }
    }

    private static Errno Result(int answer) => answer == 0 ? default : Libc.LastError;

    private static void Check(Errno error, string verb, ReadOnlySpan<byte> path)
    {
        if (error != default)
            throw new OsException($"{verb} {KernelPath.ToText(path)}", error);
    }

    private const int AT_REMOVEDIR = 0x200;
    private const uint RENAME_NOREPLACE = 1;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mkdirat(int directory, byte* path, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mknodat(int directory, byte* path, uint mode, ulong device);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int symlinkat(byte* target, int directory, byte* path);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int linkat(int fromDirectory, byte* from, int toDirectory, byte* to, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int unlinkat(int directory, byte* path, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int renameat2(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);
}
